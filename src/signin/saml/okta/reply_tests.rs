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
    let wanted = Next::Poll {
        href: "/poll".into(),
        every: Duration::from_secs(2),
        number: Some("42".into()),
        app: Some("Okta Verify".into()),
    };
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
    assert_eq!(next(remediation(&[fastpass])), Next::Stop(Stop::Unsupported("Okta FastPass".into())));
    let none = next(remediation(&[select(json!([option("Key", "webauthn"), option("Duo", "idp")]))]));
    assert!(matches!(none, Next::Choose { factors, .. } if !factors.iter().any(Factor::is_possible)));
}

#[test]
fn the_end_of_a_password_or_a_missing_factor_is_named() {
    let item = |name: &str| json!({ "name": name, "href": "/x" });
    assert_eq!(next(remediation(&[item("reenroll-authenticator")])), Next::Stop(Stop::PasswordExpired));
    assert_eq!(next(remediation(&[item("select-authenticator-enroll")])), Next::Stop(Stop::Enrolment));
    assert_eq!(
        next(remediation(&[item("select-authenticator-enroll"), item("skip")])),
        Next::Skip { href: "/x".into(), password_ends_in: None }
    );
    for name in ["reset-authenticator", "reenroll-custom-password-expiry"] {
        assert_eq!(next(remediation(&[item(name)])), Next::Stop(Stop::PasswordExpired), "{name}");
    }
    assert!(matches!(next(remediation(&[item("device-assurance-grace-period")])), Next::Skip { .. }));
    let mut soon = remediation(&[item("reenroll-authenticator-warning"), item("skip")]);
    soon["currentAuthenticator"] = json!({ "value": { "settings": { "daysToExpiry": 3 } } });
    assert!(matches!(next(soon), Next::Skip { password_ends_in: Some(3), .. }));
    for (name, wanted) in [
        ("redirect-idverify", "your identity to be verified"),
        ("admin-consent", "your consent to what the application asks for"),
    ] {
        assert_eq!(next(remediation(&[item(name)])), Next::Stop(Stop::Action(wanted)), "{name}");
    }
    let enrols = json!({ "deviceEnrollment": { "value": { "name": "mdm" } } });
    assert_eq!(next(enrols), Next::Stop(Stop::Action("this device to be enrolled")));
    // An offer to sign up is no wish for it.
    assert_eq!(
        next(remediation(&[item("new-step"), item("select-enroll-profile")])),
        Next::Stop(Stop::Unknown("new-step".into()))
    );
    assert_eq!(next(remediation(&[])), Next::Stop(Stop::Unknown(String::new())));
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
fn a_device_that_is_looked_for_is_declined_before_anything_is_asked() {
    let poll = json!({ "name": "device-challenge-poll", "href": "/poll", "refresh": 2000 });
    let cancel = json!({ "href": "/cancel" });
    let mut reply = remediation(&[poll]);
    reply["authenticatorChallenge"] = json!({ "value": { "challengeMethod": "LOOPBACK", "cancel": cancel } });
    let declined = |silent| Next::Decline { href: "/cancel".into(), silent, factor: "Okta FastPass".into() };
    assert_eq!(next(reply.clone()), declined(true));
    reply["authenticatorChallenge"]["value"]["challengeMethod"] = json!("CUSTOM_URI");
    assert_eq!(next(reply), declined(false));
    let mut verify = remediation(&[json!({ "name": "challenge-poll", "href": "/poll" })]);
    verify["currentAuthenticator"] = json!({ "value": { "key": "okta_verify", "cancel": cancel, "contextualData": { "challenge": { "value": { "challengeMethod": "LOOPBACK" } } } } });
    assert_eq!(next(verify.clone()), declined(true));
    verify["currentAuthenticator"] = json!({ "value": { "key": "okta_verify", "contextualData": { "challenge": { "value": { "challengeMethod": "APP_LINK", "cancel": cancel } } } } });
    assert_eq!(next(verify.clone()), declined(false));
    verify["currentAuthenticator"] = json!({ "value": { "key": "nfc_pin", "displayName": "Badge", "contextualData": { "challenge": { "value": {} } } } });
    assert_eq!(next(verify), Next::Stop(Stop::Unsupported("Badge".into())));
}

#[test]
fn other_providers_are_where_one_can_be_from() {
    let provider = |id: &str, kind: &str| json!({ "name": "redirect-idp", "type": kind, "idp": { "id": id, "name": format!("At {id}") }, "href": format!("/sso/idps/{id}") });
    let a = Elsewhere { id: "a".into(), label: "At a".into(), href: "/sso/idps/a".into() };
    assert_eq!(next(remediation(&[provider("a", "SAML2")])), Next::Elsewhere(vec![a.clone()]));
    let identify = json!({ "name": "identify", "href": "/identify", "value": [{ "name": "identifier" }] });
    let both = next(remediation(&[identify, provider("a", "SAML2"), provider("card", "X509")]));
    assert!(matches!(&both, Next::Identify { elsewhere, .. } if *elsewhere == [a.clone()]), "{both:?}");
    let card = Next::Stop(Stop::Unsupported("a smart card".into()));
    assert_eq!(next(remediation(&[provider("card", "X509")])), card);
    // As a factor, beside others.
    let select = json!({ "name": "select-authenticator-authenticate", "href": "/other", "value": [{ "name": "authenticator", "options": [{ "label": "X", "value": { "form": { "value": [{ "name": "id", "value": "x" }] } } }] }] });
    let mut factor = remediation(&[provider("a", "OIDC"), select]);
    factor["currentAuthenticator"] = json!({ "value": { "key": "external_idp" } });
    assert_eq!(next(factor), Next::Elsewhere(vec![a]));
}

#[test]
fn a_form_says_what_is_typed_and_whether_it_is_secret() {
    let challenge = |key: &str, fields: Value| {
        let mut reply = remediation(&[
            json!({ "name": "challenge-authenticator", "href": "/x", "value": [{ "name": "credentials", "form": { "value": fields } }] }),
        ]);
        reply["currentAuthenticator"] = json!({ "value": { "key": key, "displayName": "Thing" } });
        next(reply)
    };
    let code = |field: &str, secret| Asked::Code { from: "Thing".into(), field: field.into(), secret };
    let asked = |next: Next| if let Next::Answer { what, .. } = next { Some(what) } else { None };
    assert_eq!(asked(challenge("tac", json!([{ "name": "passcode", "secret": true }]))), Some(code("passcode", true)));
    assert_eq!(asked(challenge("okta_verify", json!([{ "name": "totp" }]))), Some(code("totp", false)));
    // What a browser computes has nothing to type, whatever it is called.
    let computed = json!([{ "name": "signatureData", "visible": false }]);
    assert_eq!(challenge("new_kind", computed.clone()), Next::Stop(Stop::Unsupported("Thing".into())));
    assert_eq!(challenge("duo", computed), Next::Stop(Stop::Unsupported("Duo".into())));
    let captcha =
        json!({ "name": "identify", "href": "/i", "value": [{ "name": "identifier" }, { "name": "captchaVerify" }] });
    assert_eq!(next(remediation(&[captcha])), Next::Stop(Stop::Unsupported("a captcha".into())));
}

#[test]
fn two_enrolments_of_one_kind_are_told_apart() {
    let option = |number: usize| json!({ "label": "", "relatesTo": format!("$.authenticatorEnrollments.value[{number}]"), "form": { "value": [{ "name": "id", "value": "p" }, { "name": "enrollmentId", "value": number.to_string() }, { "name": "methodType", "options": [{ "value": "sms", "label": "Text" }] }] } });
    let mut reply = remediation(&[
        json!({ "name": "select-authenticator-authenticate", "href": "/c", "value": [{ "name": "authenticator", "options": [option(0), option(1), option(2)] }] }),
    ]);
    let phone = |number: &str| json!({ "displayName": "Phone", "profile": { "phoneNumber": number } });
    reply["authenticatorEnrollments"] =
        json!({ "value": [phone("+1 XXX 11"), phone("+1 XXX 22"), { "displayName": "Duo", "key": "duo" }] });
    let Next::Choose { factors, .. } = next(reply) else { panic!("a menu") };
    let labels: Vec<&str> = factors.iter().map(|it| it.label.as_str()).collect();
    assert_eq!(labels, ["Phone (+1 XXX 11): Text", "Phone (+1 XXX 22): Text", "Duo: Text"]);
    assert_eq!(factors[1].choice, json!({ "id": "p", "enrollmentId": "1", "methodType": "sms" }));
    assert!(!factors[2].is_possible(), "by what it relates to");
}

#[test]
fn a_method_that_is_a_browsers_gives_way_to_other_factors() {
    let form = |method: &str| json!({ "value": [{ "name": "id", "value": "a" }, { "name": "methodType", "options": [{ "value": method, "label": method }] }] });
    let next = |method: &str| {
        let data = json!({ "name": "authenticator-verification-data", "href": "/data", "value": [{ "name": "authenticator", "form": form(method) }] });
        let other = json!({ "label": "Mail", "form": form("email") });
        let select = json!({ "name": "select-authenticator-authenticate", "href": "/select", "value": [{ "name": "authenticator", "options": [other] }] });
        next(remediation(&[data, select]))
    };
    assert!(matches!(next("push"), Next::Choose { href, .. } if href == "/data"));
    assert!(matches!(next("signed_nonce"), Next::Choose { href, .. } if href == "/select"));
}

#[test]
fn waiting_for_the_engine_is_no_approval_and_success_can_be_a_step() {
    let busy = next(remediation(&[json!({ "name": "poll", "href": "/p", "refresh": 100 })]));
    assert!(matches!(busy, Next::Poll { app: None, every, .. } if every.as_millis() == 100), "{busy:?}");
    let done = remediation(&[json!({ "name": "success-redirect", "href": "/done", "method": "GET" })]);
    assert_eq!(next(done), Next::Success("/done".into()));
    let mut push = remediation(&[json!({ "name": "challenge-poll", "href": "/p" })]);
    push["currentAuthenticator"] = json!({ "value": { "key": "custom_app", "displayName": "Our App" } });
    assert!(matches!(next(push), Next::Poll { app: Some(app), .. } if app == "Our App"));
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
        assert!(matches!(reply, Next::Answer { what: Asked::Code { .. }, .. }), "{name}: {reply:?}");
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
    assert!(!read("error-identify-access-denied").goes_on());
}

proptest! {
    #[test]
    fn no_reply_panics(names in proptest::collection::vec("(identify|skip|challenge-poll|challenge-authenticator|select-authenticator-authenticate|x)", 0..5), junk in "\\PC{0,60}") {
        let items: Vec<Value> = names.iter().map(|name| json!({ "name": name, "href": junk, "value": [junk, { "name": "authenticator", "options": [junk, {}] }] })).collect();
        let _ = next(remediation(&items));
        let _ = Reply::parse(&junk).map(|reply| (reply.next(), reply.complaint(), reply.note()));
    }
}
