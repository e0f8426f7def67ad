use proptest::prelude::*;
use serde_json::json;

use super::*;

fn next(reply: Value) -> Next {
    Reply(reply).next()
}

fn remediation(items: &[Value]) -> Value {
    json!({ "stateHandle": "h", "remediation": { "value": items } })
}

#[test]
fn a_number_to_match_is_found_and_the_interval_obeyed() {
    let mut reply = remediation(&[json!({ "name": "challenge-poll", "href": "/poll", "refresh": 2000 })]);
    reply["currentAuthenticator"] =
        json!({ "value": { "key": "okta_verify", "contextualData": { "correctAnswer": "42" } } });
    let wanted = Next::Poll { href: "/poll".into(), every: Duration::from_secs(2), number: Some("42".into()) };
    assert_eq!(next(reply.clone()), wanted);
    reply["currentAuthenticator"]["value"]["contextualData"]["correctAnswer"] = json!("\u{1b}[2J");
    assert!(matches!(next(reply), Next::Poll { number: None, .. }));
}

#[test]
fn what_no_terminal_can_do_gives_way_to_what_one_can() {
    let option = |label: &str, method: &str| json!({ "label": label, "value": { "form": { "value": [{ "name": "id", "value": "a" }, { "name": "methodType", "value": method }] } } });
    let select = |options: Value| json!({ "name": "select-authenticator-authenticate", "href": "/challenge", "value": [{ "name": "authenticator", "options": options }] });
    let fastpass = json!({ "name": "device-challenge-poll", "href": "/x" });
    let with = remediation(&[fastpass.clone(), select(json!([option("Key", "webauthn"), option("App", "totp")]))]);
    assert!(
        matches!(next(with), Next::Choose { factors, .. } if factors.len() == 2 && factors[1].is_possible() && !factors[0].is_possible())
    );
    assert_eq!(next(remediation(&[fastpass])), Next::Stop(Stop::FastPass));
    assert_eq!(next(remediation(&[select(json!([option("Key", "webauthn")]))])), Next::Stop(Stop::SecurityKey));
}

#[test]
fn the_end_of_a_password_or_a_missing_factor_is_named() {
    let item = |name: &str| json!({ "name": name, "href": "/x" });
    assert_eq!(next(remediation(&[item("reenroll-authenticator")])), Next::Stop(Stop::PasswordExpired));
    assert_eq!(next(remediation(&[item("select-authenticator-enroll")])), Next::Stop(Stop::Enrolment));
    assert_eq!(
        next(remediation(&[item("select-authenticator-enroll"), item("skip")])),
        Next::Skip { href: "/x".into() }
    );
    assert_eq!(next(remediation(&[])), Next::Stop(Stop::Unknown));
}

#[test]
fn another_code_a_kept_session_and_another_factor_can_be_asked_for() {
    let option = |id: &str, method: &str| json!({ "label": method, "value": { "form": { "value": [{ "name": "id", "value": id }, { "name": "methodType", "value": method }] } } });
    let select = json!({ "name": "select-authenticator-authenticate", "href": "/other", "value": [{ "name": "authenticator", "options": [option("a", "push"), option("a", "totp"), option("b", "sms")] }] });
    let mut reply = remediation(&[json!({ "name": "challenge-authenticator", "href": "/x" }), select]);
    reply["currentAuthenticatorEnrollment"] =
        json!({ "value": { "id": "a", "methods": [{ "type": "totp" }], "resend": { "href": "/again" } } });
    assert!(matches!(next(reply.clone()), Next::Answer { resend: Some(again), .. } if again == "/again"));
    let (href, others) = Reply(reply).others().unwrap();
    let methods: Vec<&str> = others.iter().map(|it| it.method.as_str()).collect();
    assert_eq!((href.as_str(), methods.as_slice()), ("/other", ["push", "sms"].as_slice()));
    let keep = json!({ "name": "keep-me-signed-in", "href": "/keep", "value": [{ "name": "keepMeSignedIn" }] });
    assert_eq!(next(remediation(&[keep])), Next::KeepSignedIn { href: "/keep".into() });
}

#[test]
fn real_replies_are_understood() {
    let Some(folder) = crate::signin::saml::tests::fixtures() else { return };
    let read = |name: &str| {
        let text = std::fs::read_to_string(folder.join("okta-idx").join(format!("{name}.json"))).expect(name);
        Reply::parse(&text).expect(name)
    };
    let next = |name: &str| read(name).next();
    assert!(matches!(next("success"), Next::Success(_)));
    assert!(matches!(next("identify"), Next::Identify { with_password: false, .. }));
    assert!(matches!(next("identify-with-username"), Next::Identify { with_password: false, .. }));
    assert!(matches!(next("identify-with-password"), Next::Identify { with_password: true, remember: true, .. }));
    assert!(matches!(next("authenticator-verification-password"), Next::Answer { what: Asked::Password, .. }));
    assert!(matches!(
        next("authenticator-verification-security-question"),
        Next::Answer { what: Asked::Question { .. }, .. }
    ));
    for name in ["email", "google-authenticator", "phone-sms", "okta-verify-totp"] {
        let reply = next(&format!("authenticator-verification-{name}"));
        assert!(matches!(reply, Next::Answer { what: Asked::Code(_), .. }), "{name}: {reply:?}");
    }
    let push = next("authenticator-verification-okta-verify-push");
    assert!(matches!(push, Next::Poll { every, .. } if every.as_secs() == 4), "{push:?}");
    let Next::Choose { factors, .. } = next("authenticator-verification-select-authenticator") else {
        panic!("a menu")
    };
    assert!(
        factors.iter().any(|it| it.method == "push" && it.is_possible()) && factors.iter().any(|it| !it.is_possible()),
        "{factors:?}"
    );
    let Next::Choose { factors, .. } = next("authenticator-verification-data-okta-verify-push-autoChallenge-off")
    else {
        panic!("a menu")
    };
    assert!(factors.iter().any(|it| it.method == "push"), "{factors:?}");
    assert!(matches!(next("authenticator-expiry-warning-password"), Next::Skip { .. }));
    for (name, key) in [
        ("error-429-too-many-request", "tooManyRequests"),
        ("error-identify-access-denied", "security.access_denied"),
        ("error-authenticator-verify-password", "incorrectPassword"),
    ] {
        assert_eq!(read(name).complaint().expect(name).key, key);
    }
    assert!(!read("error-identify-access-denied").has_remediation());
}

proptest! {
    #[test]
    fn no_reply_panics(names in proptest::collection::vec("(identify|skip|challenge-poll|challenge-authenticator|select-authenticator-authenticate|x)", 0..5), junk in "\\PC{0,60}") {
        let items: Vec<Value> = names.iter().map(|name| json!({ "name": name, "href": junk, "value": [junk, { "name": "authenticator", "options": [junk, {}] }] })).collect();
        let _ = next(remediation(&items));
        let _ = Reply::parse(&junk).map(|reply| (reply.next(), reply.complaint()));
    }
}
