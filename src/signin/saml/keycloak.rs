//! Keycloak: what its pages ask beyond one form with one answer.
//!
//! Staying signed in, which of several devices, and the way from a security key to something a terminal can do. All other
//! pages of Keycloak are the form engine's.
//!
//! Source: the login themes of Keycloak, versions 4 to 26 (`base`, `keycloak`, `keycloak.v2`).

use url::Url;

use super::dialogue::{Dialogue, Factor};
use super::error::SamlError;
use super::form::{Form, Kind};
use super::form_engine::{fill, stopped};
use super::page::Page;
use super::provider::{Opened, Provider, Taken, Taking};
use super::step::{self, Step};
use super::visit::host;
use crate::config::profile::SamlSettings;
use crate::error::Result;

/// Where a page stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stage {
    /// Name and password, and whether to stay signed in.
    Password(Form),
    /// A code from one of several devices: the radio buttons, by position, and what they are called.
    Devices(Form, Vec<(usize, Factor)>),
    /// A security key; the form, where there is one, that leads to other ways.
    SecurityKey(Option<Form>),
    /// Another way: a form and its answer for each.
    Ways(Vec<(Form, Option<usize>, Factor)>),
}

/// Whether a URL is one of a Keycloak realm's SAML clients.
pub(super) fn is_its(url: &Url) -> bool {
    let segments: Vec<&str> = url.path_segments().map(Iterator::collect).unwrap_or_default();
    segments.windows(4).any(|window| matches!(window, ["realms", _, "protocol", "saml"]))
}

/// Source: Keycloak's server administration guide, the realm's end session endpoint.
pub(super) fn sign_out_address(url: &Url) -> Option<Url> {
    let (realm, _) = url.path().split_once("/protocol/saml")?;
    url.join(&format!("{realm}/protocol/openid-connect/logout")).ok()
}

/// Keycloak.
pub(super) struct Keycloak {
    remember: bool,
    /// Another way than a security key was looked for.
    turned: bool,
    /// The device that was chosen, and stays so when its code was wrong.
    device: Option<String>,
}

impl Keycloak {
    /// Of a profile.
    pub(super) fn new(settings: &SamlSettings) -> Self {
        Self { remember: settings.remember_device, turned: false, device: None }
    }

    fn step(&mut self, page: &Page, dialogue: &mut Dialogue<'_, '_>) -> Result<Taken> {
        let place = host(&page.url);
        match stage(page) {
            Some(Stage::Password(form)) => {
                let remember = form.positions(|field| field.name == "rememberMe").into_iter().filter(|_| self.remember);
                let also: Vec<(usize, &str)> = remember.map(|position| (position, "on")).collect();
                self.ask(page, &form, &also, dialogue)
            }
            Some(Stage::Devices(form, devices)) => {
                dialogue.person(&place)?;
                let named: Vec<Factor> = devices.iter().map(|(_, factor)| factor.clone()).collect();
                let before = devices.iter().position(|(_, factor)| Some(&factor.name) == self.device.as_ref());
                let chosen = match before {
                    Some(before) => before,
                    None => dialogue.choose(&place, "Which device?", &named)?,
                };
                let (position, device) = &devices[chosen];
                self.device = Some(device.name.clone());
                self.ask(page, &form, &[(*position, &device.name)], dialogue)
            }
            Some(Stage::SecurityKey(Some(other))) if !self.turned => {
                dialogue.person(&place)?;
                self.turned = true;
                Ok(Taken::Next(other.submitted(&[])))
            }
            Some(Stage::SecurityKey(_)) => {
                let factor = "a security key or passkey".to_owned();
                Err(dialogue.stop(&place, SamlError::Unsupported { host: place.clone(), factor }))
            }
            Some(Stage::Ways(ways)) => {
                dialogue.person(&place)?;
                let named: Vec<Factor> = ways.iter().map(|(_, _, factor)| factor.clone()).collect();
                let (form, position, way) = &ways[dialogue.choose(&place, "Which second factor?", &named)?];
                let answers: Vec<(usize, &str)> =
                    position.map(|position| (position, way.name.as_str())).into_iter().collect();
                Ok(Taken::Next(form.submitted(&answers)))
            }
            None => Err(dialogue.unknown_page(page)),
        }
    }

    fn ask(&self, page: &Page, form: &Form, also: &[(usize, &str)], dialogue: &mut Dialogue<'_, '_>) -> Result<Taken> {
        let place = host(&page.url);
        match step::of_form(form, &dialogue.progress) {
            Step::Ask { form, questions } => fill(dialogue, page, &form, &questions, also),
            Step::Stop(obstacle) => Err(dialogue.stop(&place, stopped(obstacle, page))),
            _ => Err(dialogue.stop(&place, SamlError::Rejected { host: place.clone(), says: page.complaint.clone() })),
        }
    }
}

impl Provider for Keycloak {
    fn recognises(&self, opened: &Opened) -> bool {
        stage(&opened.page).is_some()
    }

    fn take<'t>(&'t mut self, opened: &'t Opened, dialogue: &'t mut Dialogue<'_, '_>) -> Taking<'t> {
        Box::pin(async { self.step(&opened.page, dialogue) })
    }
}

fn stage(page: &Page) -> Option<Stage> {
    if let Some(form) =
        page.form("kc-form-login").filter(|form| form.field("rememberMe").is_some() && form.field("password").is_some())
    {
        return Some(Stage::Password(form.clone()));
    }
    if let Some(form) = page.form("kc-otp-login-form") {
        let radios = form.positions(|field| matches!(field.kind, Kind::Radio { .. }));
        let device = |(number, position): (usize, usize)| {
            let field = &form.fields[position];
            let label = Some(field.label.clone()).filter(|label| !label.is_empty());
            let label = label.unwrap_or_else(|| format!("Device {}", number + 1));
            (position, Factor { name: field.value.clone(), label })
        };
        return (radios.len() > 1)
            .then(|| Stage::Devices(form.clone(), radios.into_iter().enumerate().map(device).collect()));
    }
    let ways = ways(page);
    if !ways.is_empty() {
        return Some(Stage::Ways(ways));
    }
    let key = page.form("webauth").or_else(|| page.form("webauthn"))?;
    key.asks_nothing().then(|| Stage::SecurityKey(page.form("kc-select-try-another-way-form").cloned()))
}

/// The list of other ways: buttons of one form, scripts of one form, or a form for each.
fn ways(page: &Page) -> Vec<(Form, Option<usize>, Factor)> {
    let mut forms = page.forms.iter().filter(|form| form.id.starts_with("kc-select-credential-form"));
    let Some(first) = forms.next() else { return Vec::new() };
    let buttons = first.positions(|field| field.kind == Kind::Submit && field.name == "authenticationExecution");
    if !buttons.is_empty() {
        let way = |position: usize| {
            let field = &first.fields[position];
            (first.clone(), Some(position), Factor { name: field.value.clone(), label: field.label.clone() })
        };
        return buttons.into_iter().map(way).collect();
    }
    let execution = first.positions(|field| field.name == "authenticationExecution").first().copied();
    let labels = || page.clicks.iter().filter(|click| !click.label.is_empty());
    if forms.next().is_none() && execution.is_some_and(|at| first.fields[at].value.is_empty()) {
        let called = |script: &str| {
            let argument = script.split_once("fillAndSubmit('")?.1.split('\'').next()?;
            (!argument.is_empty()).then(|| argument.to_owned())
        };
        let way = |click: &super::page::Click| {
            Some((first.clone(), execution, Factor { name: called(&click.script)?, label: click.label.clone() }))
        };
        return labels().filter_map(way).collect();
    }
    let forms = page.forms.iter().filter(|form| form.id.starts_with("kc-select-credential-form"));
    let labels: Vec<String> = labels().map(|click| click.label.clone()).collect();
    forms
        .enumerate()
        .filter(|(_, form)| form.holds("authenticationExecution"))
        .map(|(number, form)| {
            let label = labels.get(number).cloned().unwrap_or_else(|| format!("Way {}", number + 1));
            let name = form.field("authenticationExecution").map(|field| field.value.clone()).unwrap_or_default();
            (form.clone(), None, Factor { name, label })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(html: &str) -> Page {
        Page::parse(html, &Url::parse("https://id.example/realms/r/login").unwrap()).unwrap()
    }

    fn labels(html: &str) -> Vec<(String, String)> {
        let Some(Stage::Ways(ways)) = stage(&page(html)) else { panic!("{:?}", stage(&page(html))) };
        ways.into_iter()
            .map(|(form, position, factor)| {
                let answers: Vec<(usize, &str)> = position.map(|at| (at, factor.name.as_str())).into_iter().collect();
                let sent = form.submitted(&answers).body.map(|(_, body)| body.expose().to_owned()).unwrap_or_default();
                (factor.label, sent)
            })
            .collect()
    }

    #[test]
    fn other_ways_are_found_in_each_generation_of_the_theme() {
        let wanted = [
            ("Code".to_owned(), "authenticationExecution=x1".to_owned()),
            ("Key".to_owned(), "authenticationExecution=x2".to_owned()),
        ];
        let buttons = "<form id=kc-select-credential-form method=post><button name=authenticationExecution value=x1><div>Code</div></button><button name=authenticationExecution value=x2>Key</button></form>";
        assert_eq!(labels(buttons), wanted);
        let scripts = "<form id=kc-select-credential-form method=post><div onclick=\"fillAndSubmit('x1')\">Code</div><div onclick=\"fillAndSubmit('x2')\">Key</div><input type=hidden id=authexec-hidden-input name=authenticationExecution></form>";
        assert_eq!(labels(scripts), wanted);
        let forms = "<form id=kc-select-credential-form method=post><input type=hidden name=authenticationExecution value=x1></form><div role=button onclick='document.forms[0].requestSubmit()'>Code</div>\
                     <form id=kc-select-credential-form method=post><input type=hidden name=authenticationExecution value=x2></form><div role=button onclick='document.forms[1].requestSubmit()'>Key</div>";
        assert_eq!(labels(forms), wanted);
    }

    #[test]
    fn a_realm_has_one_address_to_sign_out_at() {
        let out = |url: &str| sign_out_address(&Url::parse(url).unwrap()).map(|url| url.to_string());
        let wanted = Some("https://id.example/auth/realms/r/protocol/openid-connect/logout".to_owned());
        assert_eq!(out("https://id.example/auth/realms/r/protocol/saml/clients/aws?x=1"), wanted);
        assert_eq!(out("https://id.example/somewhere"), None);
    }

    #[test]
    fn devices_and_keys_are_recognised() {
        let devices = "<form id=kc-otp-login-form method=post><input id=kc-otp-credential-0 type=radio name=selectedCredentialId value=d1 checked><label for=kc-otp-credential-0>Phone</label>\
                       <input id=kc-otp-credential-1 type=radio name=selectedCredentialId value=d2><label for=kc-otp-credential-1>Tablet</label><input name=otp></form>";
        let Some(Stage::Devices(_, devices)) = stage(&page(devices)) else { panic!("devices") };
        assert_eq!(devices[1].1, Factor { name: "d2".into(), label: "Tablet".into() });
        assert_eq!(
            stage(&page("<form id=kc-otp-login-form method=post><input name=otp></form>")),
            None,
            "the form engine's"
        );
        let key = "<form id=webauth method=post><input type=hidden name=clientDataJSON><input type=hidden name=signature></form>";
        assert_eq!(stage(&page(key)), Some(Stage::SecurityKey(None)));
        let other = format!(
            "{key}<form id=kc-select-try-another-way-form method=post><input type=hidden name=tryAnotherWay value=on></form>"
        );
        assert!(matches!(stage(&page(&other)), Some(Stage::SecurityKey(Some(_)))));
    }

    #[test]
    fn real_pages_are_classified() {
        let Some(folder) = crate::signin::saml::tests::fixtures() else { return };
        let read = |name: &str| page(&std::fs::read_to_string(folder.join("keycloak").join(name)).expect(name));
        assert!(
            matches!(stage(&read("webauthnPage.html")), Some(Stage::SecurityKey(_))),
            "{:?}",
            stage(&read("webauthnPage.html"))
        );
        assert_eq!(stage(&read("assertion.html")), None);
        for name in ["loginpage.html", "loginpage-another-way.html", "authError-invalidPassword.html"] {
            assert!(matches!(stage(&read(name)), None | Some(Stage::Password(_))), "{name}");
        }
    }
}
