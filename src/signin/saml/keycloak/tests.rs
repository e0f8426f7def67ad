use super::stage::*;
use super::*;
use crate::signin::saml::form::Request;

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
fn other_things_to_click_are_no_ways() {
    let other = "<button type=button aria-label='Start again' onclick=\"location.href='/restart'\"><i></i></button>";
    let way = |number: usize, label: &str| {
        format!(
            "<li><form id=kc-select-credential-form method=post><input type=hidden name=authenticationExecution value=x{number}></form><div role=button onclick='document.forms[{number}].requestSubmit()'>{label}</div>"
        )
    };
    let page = format!("{other}<form><input type=hidden name=lang value=en></form>{}{}", way(1, "Code"), way(2, "Key"));
    let wanted = |label: &str, name: &str| (label.to_owned(), format!("authenticationExecution={name}"));
    assert_eq!(labels(&page), [wanted("Code", "x1"), wanted("Key", "x2")]);
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
    let earlier = "<form id=kc-totp-login-form method=post><input type=radio name=selectedCredentialId value=d1 checked>\
                   <input type=radio name=selectedCredentialId value=d2><input name=totp><input type=submit name=login><input type=submit name=cancel></form>";
    assert!(matches!(stage(&page(earlier)), Some(Stage::Devices(_, devices)) if devices.len() == 2));
    let tiles = "<form id=kc-otp-login-form method=post><input type=hidden id=selectedCredentialId name=selectedCredentialId value=d1>\
                 <div onclick=\"toggleOTP(0, 'd1')\"><span>Phone</span></div><div onclick=\"toggleOTP(1, 'd2')\"><span>Tablet</span></div><input name=otp></form>";
    let Some(Stage::Devices(form, devices)) = stage(&page(tiles)) else { panic!("devices") };
    assert_eq!(devices[1].1, Factor { name: "d2".into(), label: "Tablet".into() });
    let sent = form.submitted(&[(devices[1].0, "d2"), (1, "123456")]);
    assert_eq!(sent.body.unwrap().1.expose(), "selectedCredentialId=d2&otp=123456");
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

fn organisations_of(html: &str) -> Vec<(String, String, String)> {
    let Some(Stage::Organisation(choices)) = stage(&page(html)) else { panic!("{:?}", stage(&page(html))) };
    let sent = |request: &Request| match &request.body {
        Some((_, body)) => body.expose().to_owned(),
        None => request.url.path().to_owned(),
    };
    choices.iter().map(|(request, factor)| (factor.name.clone(), factor.label.clone(), sent(request))).collect()
}

#[test]
fn brokers_are_known_by_their_path_in_each_generation_of_the_theme() {
    let link = |alias: &str, attributes: &str| {
        format!(
            "<a {attributes} href='/realms/r/broker/{alias}/login?client_id=x&amp;tab_id=y&amp;session_code=z'> <span>The {alias}</span></a>"
        )
    };
    let wanted = |alias: &str| (alias.to_owned(), format!("The {alias}"), format!("/realms/r/broker/{alias}/login"));
    for (one, two) in [
        ("id=zocial-corp class='zocial saml'", "id=zocial-lab class='zocial oidc'"),
        ("id=social-corp class='pf-c-button' type=button", "id=social-lab class='pf-c-button' type=button"),
        ("data-once-link id=social-corp class='pf-v5-c-button'", "data-once-link class='pf-v5-c-button'"),
    ] {
        let html =
            format!("<div id=kc-social-providers><ul><li>{}<li>{}</ul></div>", link("corp", one), link("lab", two));
        assert_eq!(organisations_of(&html), [wanted("corp"), wanted("lab")]);
        let beside = format!(
            "<form id=kc-form-login method=post><input name=username><input type=password name=password></form>{html}"
        );
        assert_eq!(stage(&page(&beside)), None, "the form comes first");
    }
    for other in [
        "<a id=social-facebook href='https://facebook.example/acme'>Follow us</a>",
        "<a id=social-corp href='https://evil.example/realms/r/broker/corp/login'>Corp</a>",
    ] {
        assert_eq!(stage(&page(other)), None, "{other}");
    }
}

#[test]
fn organisations_are_buttons_or_scripts() {
    let wanted = [
        ("a".to_owned(), "Acme".to_owned(), "kc.org=a".to_owned()),
        ("b".to_owned(), "Both".to_owned(), "kc.org=b".to_owned()),
    ];
    let scripts = "<form method=post><ul><li><button type=button id=organization-a onclick=\"document.forms[0]['kc.org'].value = 'a'; document.forms[0].requestSubmit()\"><span>Acme</span></button>\
        <li><a id=organization-b onclick=\"document.forms[0]['kc.org'].value='b';x()\">Both</a></ul><input type=hidden name='kc.org'></form>";
    assert_eq!(organisations_of(scripts), wanted);
    let buttons = "<form method=post><button name='kc.org' value=a>Acme</button><button name='kc.org' value=b>Both</button></form>";
    assert_eq!(organisations_of(buttons), wanted);
}

#[test]
fn a_page_that_took_too_long_and_a_passkey_beside_a_form_are_told_apart() {
    let expired = "<p><a id=loginContinueLink href='/realms/r/go-on'>here</a> or <a id=loginRestartLink href='/realms/r/restart'>here</a>";
    assert!(
        matches!(stage(&page(expired)), Some(Stage::Expired(request)) if request.url.path() == "/realms/r/restart")
    );
    let only = "<a id=loginContinueLink href='/realms/r/go-on'>here</a>";
    assert!(matches!(stage(&page(only)), Some(Stage::Expired(request)) if request.url.path() == "/realms/r/go-on"));
    let beside = "<form id=kc-form-login method=post><input name=username><button>Go</button></form><form id=webauth method=post><input type=hidden name=clientDataJSON></form>";
    assert_eq!(stage(&page(beside)), None, "the form engine asks for the name");
    let offered = beside.replace("<button>Go</button>", "");
    assert_eq!(stage(&page(&offered)), Some(Stage::SecurityKey(None)), "the box is the browser's, to offer a passkey");
}

proptest::proptest! {
    #[test]
    fn no_page_of_keycloak_panics(words in proptest::collection::vec(proptest::sample::select(vec![
        "<form id=kc-form-login method=post>", "<form id=kc-otp-login-form>", "<form id=kc-select-credential-form>", "<form id=webauth>", "<form>", "</form>",
        "<input name=username>", "<input type=password name=password>", "<input name=rememberMe type=checkbox>", "<input type=radio name=selectedCredentialId value=x>",
        "<input type=hidden name='kc.org'>", "<button name='kc.org' value=a>", "</button>", "<a onclick=\"forms[0]['kc.org'].value=\">", "<a onclick=\"fillAndSubmit('\">",
        "<a onclick=\"fillAndSubmit('é')\">", "<a id=loginRestartLink href='//:'>", "<a href='/realms/r/broker/é/login'>", "</a>", "<input name=authenticationExecution value=x>"]), 0..30)) {
        match stage(&page(&words.concat())) {
            Some(Stage::Organisation(choices)) => proptest::prop_assert!(!choices.is_empty()),
            Some(Stage::Ways(ways)) => proptest::prop_assert!(ways.iter().all(|(form, at, _)| at.is_none_or(|at| at < form.fields.len()))),
            Some(Stage::Devices(form, devices)) => proptest::prop_assert!(devices.iter().all(|(at, _)| *at < form.fields.len())),
            _ => {}
        }
    }
}
