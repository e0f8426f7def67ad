use super::stage::*;
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
    let key =
        "<form id=webauth method=post><input type=hidden name=clientDataJSON><input type=hidden name=signature></form>";
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
