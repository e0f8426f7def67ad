//! Active Directory Federation Services: the sign-in page, the choice of a second step, and the second steps of its adapters.
//!
//! A second step is a form with `AuthMethod` and `Context`; which adapter it belongs to is `AuthMethod`'s value. Every field
//! is sent once: ADFS 2019 refuses repeated ones.
//!
//! Source: the pages of AD FS 2012 R2 to 2022 and of the adapters named below, as they are documented and published.

use std::time::Duration;

use url::Url;

use super::dialogue::{Dialogue, Factor};
use super::error::SamlError;
use super::form::{Field, Form, Kind, Method};
use super::form_engine::{fill, stopped};
use super::page::Page;
use super::provider::{Opened, Provider, Taken, Taking};
use super::step::{self, Step};
use super::visit::host;
use crate::config::profile::{ProviderChoice, SamlSettings};
use crate::error::Result;

/// A page that waits for a phone is posted again after this long.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// The number to choose in the authenticator.
const NUMBER: &str = "validEntropyNumber";

/// Where a page stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stage {
    /// Name and password.
    Password(Form),
    /// Which second step.
    Choose(Form, Vec<Factor>),
    /// A second step of this adapter; the form has each field once.
    Second(String, Form),
    /// An error, and nothing else.
    Error,
}

/// How an adapter's second step is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// A code, in the page's own field or else this one.
    Code(&'static str),
    /// The page is posted until somebody has approved; a code where it has a field for one.
    Approval,
    /// The first page is posted empty, and then asks for a code.
    EmptyFirst(&'static str),
    /// Not in a terminal.
    Impossible(&'static str),
}

fn way(method: &str) -> Way {
    match method {
        "AzureMfaAuthentication" | "AzurePrimaryAuthentication" => Way::Approval,
        "AzureMfaServerAuthentication" => Way::Approval,
        "SecurIDAuthentication" => Way::Code("Passcode"),
        "SecurIDv2Authentication" => Way::EmptyFirst("Passcode"),
        "SymantecVipAdapter" => Way::Code("SecurityCode"),
        "SafeNet-MFA" => Way::Code("SAFENET_PASSWORD"),
        _ if method.starts_with("VIPAuthenticationProvider") => Way::Code("security_code"),
        _ if method.starts_with("DuoAdfsAdapter") => Way::Impossible("Duo"),
        "CertificateAuthentication" => Way::Impossible("a certificate"),
        "WindowsAuthentication" => Way::Impossible("Windows integrated sign-in"),
        _ => Way::Code("OathCode"),
    }
}

/// Whether a URL is one of ADFS's, which has one path wherever it runs.
pub(super) fn is_its(url: &Url) -> bool {
    url.path_segments().and_then(|mut segments| segments.next()).is_some_and(|first| first.eq_ignore_ascii_case("adfs"))
}

/// The address that starts the AWS application at the ADFS of a URL, which may name no more than the host's `/adfs`.
///
/// Source: AWS security blog, "AWS Federated Authentication with Active Directory Federation Services".
pub fn application(url: &Url, govcloud: bool) -> Url {
    let path = url.path().to_ascii_lowercase();
    let names_nothing = url.query().is_none()
        && matches!(
            path.trim_end_matches('/'),
            "/adfs" | "/adfs/ls" | "/adfs/ls/idpinitiatedsignon.aspx" | "/adfs/ls/idpinitiatedsignon"
        );
    if !names_nothing {
        return url.clone();
    }
    let mut application = url.clone();
    application.set_path("/adfs/ls/IdpInitiatedSignOn.aspx");
    let party = if govcloud { "urn:amazon:webservices:govcloud" } else { "urn:amazon:webservices" };
    application.set_query(Some(&format!("loginToRp={party}")));
    application
}

/// Source: WS-Federation 1.2, section 13.2.4, "Sign-Out Request".
pub(super) fn sign_out_address(url: &Url) -> Option<Url> {
    url.join("/adfs/ls/?wa=wsignout1.0").ok()
}

/// ADFS.
pub(super) struct Adfs {
    /// The profile says that it is.
    certain: bool,
    remember: bool,
    /// The number that is on the screen.
    shown: Option<String>,
    /// A step that is posted empty first was.
    begun: bool,
}

impl Adfs {
    /// Of a profile.
    pub(super) fn new(settings: &SamlSettings) -> Self {
        let certain = settings.provider == ProviderChoice::Adfs;
        Self { certain, remember: settings.remember_device, shown: None, begun: false }
    }

    async fn step(&mut self, opened: &Opened, dialogue: &mut Dialogue<'_, '_>) -> Result<Taken> {
        let (page, place) = (&opened.page, host(&opened.url));
        match stage(page) {
            Some(Stage::Password(form)) => self.password(page, &form, dialogue),
            Some(Stage::Choose(form, methods)) => choose(&place, &form, &methods, dialogue),
            Some(Stage::Second(method, form)) => self.second(page, &method, &form, dialogue).await,
            Some(Stage::Error) => {
                let says = page.text("errorMessage").map(ToOwned::to_owned).or_else(|| page.complaint.clone());
                Err(dialogue.stop(&place, SamlError::AccessDenied { host: place.clone(), says }))
            }
            None => Err(dialogue.unknown_page(page)),
        }
    }

    fn password(&self, page: &Page, form: &Form, dialogue: &mut Dialogue<'_, '_>) -> Result<Taken> {
        let place = host(&page.url);
        let kmsi = form.positions(|field| field.name == "Kmsi").first().copied();
        let also: Vec<(usize, &str)> =
            kmsi.filter(|_| self.remember).map(|position| (position, "true")).into_iter().collect();
        match step::of_form(form, &dialogue.progress) {
            Step::Ask { form, questions } => fill(dialogue, page, &form, &questions, &also),
            Step::Stop(obstacle) => Err(dialogue.stop(&place, stopped(obstacle, page))),
            _ => Err(dialogue.stop(&place, SamlError::Rejected { host: place.clone(), says: page.complaint.clone() })),
        }
    }

    async fn second(
        &mut self,
        page: &Page,
        method: &str,
        form: &Form,
        dialogue: &mut Dialogue<'_, '_>,
    ) -> Result<Taken> {
        let place = host(&page.url);
        dialogue.person(&place)?;
        match way(method) {
            Way::Impossible(factor) => Err(SamlError::Unsupported { host: place, factor: factor.to_owned() }.into()),
            Way::Approval if typed(form).is_empty() => self.approval(page, form, dialogue).await,
            Way::Approval => code(page, form, "VerificationCode", dialogue),
            Way::EmptyFirst(_) if !self.begun => {
                self.begun = true;
                Ok(Taken::Next(form.submitted(&[])))
            }
            Way::EmptyFirst(field) | Way::Code(field) => code(page, form, field, dialogue),
        }
    }

    /// Posts the page again until it is another one.
    async fn approval(&mut self, page: &Page, form: &Form, dialogue: &mut Dialogue<'_, '_>) -> Result<Taken> {
        let place = host(&page.url);
        if let Some(says) = &page.complaint {
            return Err(SamlError::Refused { host: place, status: says.clone() }.into());
        }
        let number =
            page.text(NUMBER).filter(|it| (1..=6).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_digit()));
        if let Some(number) = number.filter(|number| self.shown.as_deref() != Some(*number)) {
            dialogue.show_number(number, "Microsoft Authenticator");
            self.shown = Some(number.to_owned());
        }
        // The first post is what sends the question to the phone, with some adapters.
        let what = if self.shown.is_some() { "" } else { "Approve the sign-in on your other device…" };
        dialogue.pause(LOOK_EVERY, &place, what).await?;
        Ok(Taken::Next(form.submitted(&[])))
    }
}

impl Provider for Adfs {
    fn recognises(&self, opened: &Opened) -> bool {
        let is_adfs = self.certain || opened.url.path().to_ascii_lowercase().contains("/adfs/");
        match stage(&opened.page) {
            // No other product has these fields.
            Some(Stage::Second(..)) => true,
            Some(_) => is_adfs,
            None => false,
        }
    }

    fn take<'t>(&'t mut self, opened: &'t Opened, dialogue: &'t mut Dialogue<'_, '_>) -> Taking<'t> {
        Box::pin(self.step(opened, dialogue))
    }
}

fn choose(place: &str, form: &Form, methods: &[Factor], dialogue: &mut Dialogue<'_, '_>) -> Result<Taken> {
    dialogue.person(place)?;
    let (possible, not): (Vec<Factor>, Vec<Factor>) =
        methods.iter().cloned().partition(|it| !matches!(way(&it.name), Way::Impossible(_)));
    if possible.is_empty() {
        let labels: Vec<String> = not.into_iter().map(|factor| factor.label).collect();
        return Err(SamlError::Unsupported { host: place.to_owned(), factor: labels.join(" or ") }.into());
    }
    let chosen = dialogue.choose(place, "Which second factor?", &possible)?;
    let field = form.positions(|field| field.name == "AuthMethod");
    let answers: Vec<(usize, &str)> =
        field.first().map(|at| (*at, possible[chosen].name.as_str())).into_iter().collect();
    Ok(Taken::Next(form.submitted(&answers)))
}

/// Asks for a code; SecurID's page takes it under either of two names.
fn code(page: &Page, form: &Form, field: &'static str, dialogue: &mut Dialogue<'_, '_>) -> Result<Taken> {
    let mut form = form.clone();
    let mut asked = typed(&form);
    if asked.is_empty() {
        form.fields.push(Field { kind: Kind::Text, ..hidden(field, "") });
        asked.push(form.fields.len() - 1);
    }
    // Asked for once: the others are other names for the same thing.
    let next = asked.iter().copied().find(|at| form.fields[*at].name == "NextCode");
    let position = next.unwrap_or(asked[0]);
    let label = Some(form.fields[position].label.clone()).filter(|label| !label.is_empty());
    let label = label.unwrap_or_else(|| if next.is_some() { "Next code" } else { "One-time code" }.to_owned());
    let place = host(&page.url);
    dialogue.next_code(&place, page.complaint.as_deref())?;
    if let Some(complaint) = &page.complaint {
        dialogue.say(&format!("{place} says: {complaint}"));
    }
    let Some(code) = dialogue.code(&place, &label, false)? else { return Err(dialogue.unknown_page(page)) };
    let same = ["Passcode", "ChallengeQuestionAnswer"];
    let answers: Vec<(usize, &str)> = (0..form.fields.len())
        .filter(|at| {
            *at == position
                || (same.contains(&form.fields[position].name.as_str())
                    && same.contains(&form.fields[*at].name.as_str()))
        })
        .map(|at| (at, code.as_str()))
        .collect();
    dialogue.waited();
    Ok(Taken::Next(form.submitted(&answers)))
}

fn typed(form: &Form) -> Vec<usize> {
    form.positions(|field| matches!(field.kind, Kind::Text | Kind::Password) && !field.name.is_empty())
}

fn hidden(name: &str, value: &str) -> Field {
    Field {
        name: name.to_owned(),
        id: String::new(),
        kind: Kind::Hidden,
        value: value.to_owned(),
        label: String::new(),
        autocomplete: String::new(),
    }
}

/// What a page is for.
fn stage(page: &Page) -> Option<Stage> {
    let with_context = page.forms.iter().find(|form| form.holds("Context"));
    let named = |form: &Form| {
        let field = form.fields.iter().find(|field| field.name == "AuthMethod" && !field.value.is_empty());
        field.map(|field| field.value.clone())
    };
    // The method may stand in a form beside the context's.
    let by_id = || {
        page.forms
            .iter()
            .flat_map(|form| &form.fields)
            .find(|field| field.id == "authMethod")
            .map(|field| field.value.clone())
    };
    if let Some(form) = with_context
        && let Some(method) = named(form).or_else(by_id).filter(|method| method != "FormsAuthentication")
    {
        return Some(Stage::Second(method.clone(), second_form(page, form, &method)));
    }
    if let Some(form) = page.forms.iter().find(|form| {
        form.fields.iter().any(|it| it.name == "Password" && it.kind == Kind::Password)
            && form.field("UserName").is_some()
    }) {
        return Some(Stage::Password(once(form)));
    }
    let options = page.form("options").filter(|form| form.field("AuthMethod").is_some());
    let methods: Vec<Factor> = page
        .clicks
        .iter()
        .filter_map(|click| Some(Factor { name: selected(&click.script)?, label: click.label.clone() }))
        .collect();
    match options {
        Some(form) if !methods.is_empty() => Some(Stage::Choose(once(form), methods)),
        _ if page.has_id("errorArea") => Some(Stage::Error),
        _ => None,
    }
}

/// Source: the page's script, whose function puts its argument into `AuthMethod` and submits `form#options`.
fn selected(script: &str) -> Option<String> {
    let rest = script.split_once("SelectOption(")?.1.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let method = rest[1..].split(quote).next()?;
    (!method.is_empty() && method.len() < 200).then(|| method.to_owned())
}

/// A second step goes to the address of `form#options`, where there is one.
fn second_form(page: &Page, form: &Form, method: &str) -> Form {
    let mut second = once(form);
    second.fields.retain(|field| field.name != "AuthMethod");
    second.fields.push(hidden("AuthMethod", method));
    second.method = Method::Post;
    if let Some(options) = page.form("options") {
        second.action = options.action.clone();
    }
    second
}

/// The form with each field once; of several with one name the first that has a value.
fn once(form: &Form) -> Form {
    let mut fields: Vec<Field> = Vec::new();
    for field in &form.fields {
        match fields
            .iter_mut()
            .find(|it| it.name == field.name && !matches!(field.kind, Kind::Submit | Kind::Radio { .. }))
        {
            Some(known) if known.value.is_empty() => *known = field.clone(),
            Some(_) => {}
            None => fields.push(field.clone()),
        }
    }
    Form { fields, ..form.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(html: &str) -> Page {
        Page::parse(html, &Url::parse("https://sts.example/adfs/ls/?x=1").unwrap()).unwrap()
    }

    const OPTIONS: &str = "<form id=options method=post action='/adfs/ls/?client=1'><input id=optionSelection type=hidden name=AuthMethod></form>";

    fn body(form: &Form) -> String {
        form.submitted(&[]).body.map(|(_, body)| body.expose().to_owned()).unwrap_or_default()
    }

    #[test]
    fn the_sign_in_page_is_told_from_the_form_of_options_beside_it() {
        let html = format!(
            "<form id=loginForm method=post><input name=UserName type=email><input name=Password type=password><input type=checkbox name=Kmsi value=true><input type=hidden name=AuthMethod value=FormsAuthentication></form>{OPTIONS}"
        );
        let Some(Stage::Password(form)) = stage(&page(&html)) else { panic!("{:?}", stage(&page(&html))) };
        assert_eq!(form.id, "loginForm");
    }

    #[test]
    fn a_second_step_goes_to_the_options_address_with_each_field_once() {
        let html = format!(
            "<form id=loginForm method=post action=/wrong><input id=authMethod type=hidden name=AuthMethod value=SafeNet-MFA><input type=hidden name=AuthMethod value=SafeNet-MFA><input id=context type=hidden name=Context value=c1></form>{OPTIONS}"
        );
        let Some(Stage::Second(method, form)) = stage(&page(&html)) else { panic!("{:?}", stage(&page(&html))) };
        assert_eq!(method, "SafeNet-MFA");
        assert_eq!(form.action.as_str(), "https://sts.example/adfs/ls/?client=1");
        assert_eq!(body(&form), "Context=c1&AuthMethod=SafeNet-MFA");
    }

    #[test]
    fn the_choice_of_a_second_step_is_read_from_what_its_script_is_called_with() {
        let html = format!(
            "{OPTIONS}<a href='#' onclick=\"SelectOption('AzureMfaAuthentication')\">Verify by app</a><div onclick='javascript:SelectOption(\"DuoAdfsAdapter\");return false'>Duo</div><a onclick='other()'>x</a>"
        );
        let Some(Stage::Choose(form, methods)) = stage(&page(&html)) else { panic!("{:?}", stage(&page(&html))) };
        assert_eq!(form.id, "options");
        let methods: Vec<_> = methods.iter().map(|it| (it.name.as_str(), it.label.as_str())).collect();
        assert_eq!(methods, [("AzureMfaAuthentication", "Verify by app"), ("DuoAdfsAdapter", "Duo")]);
    }

    #[test]
    fn an_address_that_names_no_application_is_completed() {
        let aws = "https://sts.example/adfs/ls/IdpInitiatedSignOn.aspx?loginToRp=urn:amazon:webservices";
        let completed = |url: &str, gov| application(&Url::parse(url).unwrap(), gov).to_string();
        for url in [
            "https://sts.example/adfs",
            "https://sts.example/adfs/ls/",
            "https://sts.example/adfs/ls/idpinitiatedsignon",
            aws,
        ] {
            assert_eq!(completed(url, false), aws);
        }
        assert_eq!(completed("https://sts.example/adfs", true), format!("{aws}:govcloud"));
        let other = "https://sts.example/adfs/ls/?wa=wsignin1.0";
        assert_eq!(completed(other, false), other);
    }

    #[test]
    fn adapters_are_known_by_their_method() {
        assert_eq!(way("AzureMfaAuthentication"), Way::Approval);
        assert_eq!(way("VIPAuthenticationProviderWindowsAccountName"), Way::Code("security_code"));
        assert_eq!(way("SecurIDv2Authentication"), Way::EmptyFirst("Passcode"));
        assert_eq!(way("SomebodysAdapter"), Way::Code("OathCode"));
        assert_eq!(way("DuoAdfsAdapter"), Way::Impossible("Duo"));
    }

    #[test]
    fn a_real_sign_in_page_is_classified() {
        let Some(folder) = crate::signin::saml::tests::fixtures() else { return };
        let text = std::fs::read_to_string(folder.join("adfs/loginpage.html")).unwrap();
        assert!(matches!(stage(&page(&text)), Some(Stage::Password(form)) if form.id == "loginForm"));
    }
}
