use base64::Engine as _;
use proptest::prelude::*;

use super::*;
use crate::signin::saml::page::PageError;

fn read(html: &str) -> Result<Page, PageError> {
    Page::parse(html, &Url::parse("https://idp.example/login?x=1").unwrap())
}

fn step(html: &str) -> Step {
    next(&read(html).unwrap(), &Progress::default()).unwrap()
}

/// After the password went to the field `pass` of this host.
fn later(html: &str) -> Step {
    let sent = Some(("idp.example".to_owned(), "pass".to_owned()));
    next(&read(html).unwrap(), &Progress { password_sent: sent, ..Progress::default() }).unwrap()
}

/// The names of the fields that are asked for, and as what.
fn asked(step: Step) -> Vec<(String, What)> {
    let Step::Ask { form, questions } = step else { panic!("{step:?} asks nothing") };
    questions.iter().map(|it| (form.fields[it.position].name.clone(), it.what)).collect()
}

fn body(step: Step) -> String {
    let Step::Submit(request) = step else { panic!("{step:?} submits nothing") };
    request.body.map(|(_, body)| body.expose().to_owned()).unwrap_or_default()
}

fn response(audience: &str) -> String {
    base64::engine::general_purpose::STANDARD
        .encode(format!("<Response><Assertion><Audience>{audience}</Audience></Assertion></Response>"))
}

#[test]
fn a_response_for_aws_ends_the_walk_and_one_for_another_is_passed_on() {
    let form = |action: &str, response: &str| {
        format!("<form method=post action='{action}'><input type=hidden name=SAMLResponse value='{response}'></form>")
    };
    let (ours, theirs) = (response("urn:amazon:webservices"), response("https://hub.example"));
    assert!(matches!(step(&form("https://acs.example/saml", &ours)), Step::Done(_)));
    assert!(matches!(step(&form("https://signin.aws.amazon.com/saml", &theirs)), Step::Done(_)));
    assert!(matches!(step(&form("https://hub.example/acs", &theirs)), Step::Submit(_)));
    let page = read(&form("https://signin.aws.amazon.com/saml", "abc1")).unwrap();
    assert!(next(&page, &Progress::default()).is_err());
    let empty = form("https://signin.aws.amazon.com/saml", "");
    assert!(!matches!(step(&empty), Step::Done(_)));
}

#[test]
fn the_password_form_is_found_among_others() {
    let html = "<form id=lang><select name=lang><option>en<option>de</select></form><form action=/search><input name=q></form>\
                <form id=other method=post><input type=hidden name=tryAnotherWay value=on></form>\
                <form method=post><input name=who><input type=password name=pass><input type=checkbox name=kmsi></form>";
    assert_eq!(asked(step(html)), [("who".into(), What::Username), ("pass".into(), What::Password)]);
    assert_eq!(later(html), Step::Rejected);
}

#[test]
fn names_first_then_the_password_then_a_code() {
    let first = "<form method=post><input name=loginfmt></form>";
    assert_eq!(asked(step(first)), [("loginfmt".into(), What::Username)]);
    let second = "<form method=post><input name=user value=alice type=hidden><input type=password name=pass></form>";
    assert_eq!(asked(step(second)), [("pass".into(), What::Password)]);
    let third = "<form method=post><label for=x>Six digits</label><input id=x name=field1></form>";
    assert_eq!(asked(later(third)), [("field1".into(), What::Code)]);
    assert_eq!(asked(step(third)), [("field1".into(), What::Other)]);
    let hidden = "<form method=post><input type=password name=SAFENET></form>";
    assert_eq!(asked(later(hidden)), [("SAFENET".into(), What::Code)]);
    let named = "<form method=post><input type=tel name=VerificationCode></form>";
    assert_eq!(asked(step(named)), [("VerificationCode".into(), What::Code)]);
}

#[test]
fn two_new_passwords_mean_that_the_old_one_has_expired() {
    let html = "<form method=post><input type=password name=new><input type=password name=again></form>";
    assert_eq!(step(html), Step::Stop(Obstacle::PasswordExpired));
    assert_eq!(later(html), Step::Stop(Obstacle::PasswordExpired));
    let registration = format!("{html}<form method=post><input name=u><input type=password name=pass></form>");
    assert_eq!(asked(step(&registration))[1], ("pass".into(), What::Password));
}

#[test]
fn what_a_script_would_submit_is_submitted() {
    assert_eq!(body(step("<form method=post><input type=hidden name=SAMLRequest value=x></form>")), "SAMLRequest=x");
    assert_eq!(body(step("<body onload='document.forms[0].submit()'><form method=post></form>")), "");
    let shibboleth = "<form method=post><input type=hidden name=csrf value=c><input type=hidden name=shib_idp_ls_success.x value=false>\
                      <noscript><input type=submit name=_eventId_proceed></noscript></form>";
    assert_eq!(body(step(shibboleth)), "csrf=c&shib_idp_ls_success.x=false&_eventId_proceed=");
    assert_eq!(step("<p>Hello"), Step::Stop(Obstacle::Unknown));
}

#[test]
fn pages_that_fetch_themselves_again_are_waited_for() {
    let Step::Wait { after, then } = later("<meta http-equiv=refresh content=3><p>Approve on your phone") else {
        panic!()
    };
    assert_eq!((after, then.url.as_str()), (Duration::from_secs(3), "https://idp.example/login?x=1"));
    assert!(
        matches!(step("<meta http-equiv=refresh content='0; url=/next'>"), Step::Submit(request) if request.url.path() == "/next")
    );
    let ping = "<form id=form1 method=post action=/status><input type=hidden name=t value=1></form>\
                <form id=reponseView action=/response><input type=hidden name=t value=1></form>";
    let Step::Poll { status, then } = later(ping) else { panic!() };
    assert_eq!(
        (status.url.as_str(), then.url.as_str()),
        ("https://idp.example/status?t=1", "https://idp.example/response?t=1")
    );
}

#[test]
fn menus_are_radios_lists_or_buttons() {
    let labels = |html: &str| match later(html) {
        Step::Choose(menu) => menu.into_iter().map(|item| format!("{}={}", item.label, item.value)).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let radios = "<form method=post><input type=radio name=d value=1 id=a><label for=a>Phone</label><input type=radio name=d value=2></form>";
    assert_eq!(labels(radios), ["Phone=1", "2=2"]);
    let list = "<form method=post><select name=d><option value=''>Choose<option value=1>Phone</select></form>";
    assert_eq!(labels(list), ["Phone=1"]);
    let buttons =
        "<form method=post><button name=sf value=totp>App</button><button name=sf value=mail>Mail</button></form>";
    assert_eq!(labels(buttons), ["App=totp", "Mail=mail"]);
}

#[test]
fn a_security_key_is_named_unless_a_password_will_do() {
    let key =
        "<form method=post><input type=hidden name=clientDataJSON><input type=hidden name=authenticatorData></form>";
    assert_eq!(step(key), Step::Stop(Obstacle::SecurityKey));
    let both = format!("{key}<form method=post><input name=username><input type=password name=pass></form>");
    assert_eq!(asked(step(&both)).len(), 2);
    assert_eq!(
        step("<form id=kc-totp-settings-form><input name=totp></form>"),
        Step::Stop(Obstacle::EnrolmentRequired)
    );
    assert_eq!(step("<a id=loginRestartLink href=/x>again</a>"), Step::Stop(Obstacle::PageExpired));
}

#[test]
fn real_pages_are_classified() {
    let Some(folder) = crate::signin::saml::tests::fixtures() else { return };
    let of = |name: &str, progress: &Progress| {
        let html = std::fs::read_to_string(folder.join(name)).expect(name);
        next(&read(&html).unwrap(), progress)
    };
    let start = Progress::default();
    let ask = |name: &str, progress: &Progress| asked(of(name, progress).unwrap());
    let both =
        |user: &str, password: &str| vec![(user.to_owned(), What::Username), (password.to_owned(), What::Password)];
    assert_eq!(ask("keycloak/loginpage.html", &start), both("username", "password"));
    assert_eq!(ask("keycloak/loginpage-another-way.html", &start), both("username", "password"));
    assert_eq!(ask("adfs/loginpage.html", &start), both("UserName", "Password"));
    assert_eq!(ask("pingfed/login.html", &start), both("pf.username", "pf.pass"));
    assert_eq!(ask("keycloak/mfapage.html", &start), [("totp".to_owned(), What::Code)]);
    assert_eq!(ask("pingfed/otp.html", &start), [("otp".to_owned(), What::Code)]);
    assert_eq!(of("keycloak/webauthnPage.html", &start).unwrap(), Step::Stop(Obstacle::SecurityKey));
    assert!(matches!(of("pingfed/swipe.html", &start).unwrap(), Step::Poll { .. }));
    assert!(matches!(of("pingfed/form-redirect.html", &start).unwrap(), Step::Submit(_)));
    assert!(matches!(of("keycloak/redirect.html", &start).unwrap(), Step::Submit(_)));
    // Its response is no base64 of anything.
    assert!(of("keycloak/assertion.html", &start).is_err());
    let sent = Progress { password_sent: Some(("auth.xxx".to_owned(), "password".to_owned())), ..Progress::default() };
    for name in ["keycloak/authError-invalidPassword.html", "keycloak/authError-accountDisabled.html"] {
        assert_eq!(of(name, &sent).unwrap(), Step::Rejected);
        let html = std::fs::read_to_string(folder.join(name)).unwrap();
        assert!(read(&html).unwrap().complaint.is_some(), "{name}");
    }
}

proptest! {
    #[test]
    fn every_page_leads_somewhere(words in proptest::collection::vec(prop::sample::select(vec![
        "<form method=post>", "</form>", "<input name=user>", "<input type=password name=pass>", "<input type=password name=b>",
        "<input type=hidden name=SAMLResponse value=x>", "<input type=hidden name=RelayState value=x>", "<select name=s>", "<option>",
        "<input type=radio name=r>", "<button name=b>x</button>", "<meta http-equiv=refresh content=1>", "<form id=form1>", "<form id=reponseView>",
        "<input type=hidden name=shib_idp_ls_x>", "<input type=hidden name=clientDataJSON>", "<input type=hidden name=signature>"]), 0..30)) {
        let page = read(&words.concat()).unwrap();
        for progress in [Progress::default(), Progress { password_sent: Some(("idp.example".into(), "pass".into())), ..Progress::default() }] {
            if let Ok(Step::Ask { form, questions }) = next(&page, &progress) {
                prop_assert!(!questions.is_empty() || !form.fields.is_empty());
                prop_assert!(questions.iter().all(|question| question.position < form.fields.len()));
            }
        }
    }
}

#[test]
fn choices_that_would_not_fit_in_memory_are_left_out() {
    let page = |bytes: usize, choices: usize| {
        let hidden = format!("<input type=hidden name=h value={}>", "x".repeat(bytes));
        format!(
            "<form method=post>{hidden}{}<button>Go</button></form>",
            "<input type=radio name=r value=1>".repeat(choices)
        )
    };
    let items = |html: &str| match next(&read(html).unwrap(), &Progress::default()).unwrap() {
        Step::Choose(items) => items.len(),
        other => panic!("{other:?}"),
    };
    assert_eq!(items(&page(1000, 500)), 500);
    assert!(items(&page(1 << 20, 9_000)) <= 32);
    let long = "x".repeat(1 << 20);
    let radios = "<input type=radio name=r value=1>".repeat(9_000);
    assert!(items(&format!("<form method=post action='?{long}'>{radios}<button>Go</button></form>")) <= 32);
    let chosen = format!("<select name=s><option selected value={long}>a</option></select>");
    assert!(items(&format!("<form method=post>{chosen}{radios}<button>Go</button></form>")) <= 32);
}
