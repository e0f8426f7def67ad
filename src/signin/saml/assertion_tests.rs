use super::*;
use base64::engine::general_purpose::STANDARD as BASE64;
use proptest::prelude::*;

const ROLE: &str = "arn:aws:iam::111122223333:role/DocsUser";
const PROVIDER: &str = "arn:aws:iam::111122223333:saml-provider/Example";

/// A response with these role values, and further text inside its assertion.
fn response(values: &[&str], more: &str) -> String {
    let values: String = values.iter().map(|value| format!("<AttributeValue>{value}</AttributeValue>")).collect();
    format!(
        "<?xml version=\"1.0\"?><samlp:Response xmlns:samlp=\"p\" Destination=\"https://signin.aws.amazon.com/saml\">\
         <samlp:Status><samlp:StatusCode Value=\"{SUCCESS}\"/></samlp:Status><a:Assertion xmlns:a=\"a\">{more}\
         <a:AttributeStatement><Attribute Name=\"{ATTRIBUTES}Role\">{values}</Attribute></a:AttributeStatement>\
         </a:Assertion></samlp:Response>"
    )
}

fn parse(document: &str) -> Result<Assertion, AssertionError> {
    SamlResponse::parse(&BASE64.encode(document)).map(|response| response.assertion)
}

#[test]
fn roles_come_in_either_order_and_junk_is_skipped_and_told() {
    let gov = "arn:aws-us-gov:iam::111122223333:role/a/b/R,arn:aws-us-gov:iam::111122223333:saml-provider/x";
    let both = [
        format!("{ROLE},{PROVIDER}"),
        format!("\n {PROVIDER} , {ROLE} "),
        "Default".to_owned(),
        format!("{ROLE},{ROLE}"),
        "arn:aws-cn:iam::111122223333:role/R,arn:aws:iam::111122223333:saml-provider/x".to_owned(),
        gov.to_owned(),
    ];
    let assertion = parse(&response(&both.each_ref().map(String::as_str), "")).unwrap();
    let roles: Vec<&str> = assertion.roles.iter().map(|it| it.role.as_str()).collect();
    assert_eq!(roles, [ROLE, "arn:aws-us-gov:iam::111122223333:role/a/b/R"]);
    assert_eq!(assertion.roles[0].provider.as_str(), PROVIDER);
    assert_eq!(assertion.skipped.len(), 3);
    assert_eq!(assertion.skipped[0], "Default");
}

#[test]
fn a_comma_too_many_is_no_third_part() {
    let role = |value: &str| value.parse::<SamlRole>();
    let wanted = role(&format!("{ROLE},{PROVIDER}")).unwrap();
    for value in [format!("{ROLE},{PROVIDER},"), format!(" ,{PROVIDER},\n{ROLE} , ")] {
        assert_eq!(role(&value), Ok(wanted.clone()), "{value}");
    }
    for value in
        [format!("{ROLE},{PROVIDER},{ROLE}"), format!("{ROLE},{PROVIDER},x"), format!("{ROLE},"), ",".to_owned()]
    {
        assert_eq!(role(&value), Err(()), "{value}");
    }
}

#[test]
fn a_value_is_all_text_in_it_and_only_what_is_asserted_counts() {
    let whole = format!("{ROLE}<!-- cut -->Two,<![CDATA[{PROVIDER}]]><?x y?>");
    let assertion = parse(&response(&[&whole], "")).unwrap();
    assert_eq!(assertion.roles[0].role.as_str(), format!("{ROLE}Two"));
    let divided = format!("other<x/>{ROLE},{PROVIDER}");
    let assertion = parse(&response(&[&divided], "")).unwrap();
    assert_eq!((assertion.roles, assertion.skipped.len()), (Vec::new(), 1));
    let beside = format!(
        "<Extensions><Attribute Name=\"{ATTRIBUTES}Role\"><AttributeValue>{ROLE},{PROVIDER}</AttributeValue></Attribute></Extensions><samlp:Status>"
    );
    let assertion = parse(&response(&[], "").replacen("<samlp:Status>", &beside, 1)).unwrap();
    assert_eq!(assertion.roles, []);
}

#[test]
fn what_it_says_of_the_session_is_read() {
    let more = format!(
        "<Subject><SubjectConfirmation><SubjectConfirmationData NotOnOrAfter=\"2026-01-01T00:05:00Z\" \
         Recipient=\"https://x.example/\"/></SubjectConfirmation></Subject>\
         <Conditions NotOnOrAfter=\"2026-01-01T00:01:00.5Z\"><Audience> urn:amazon:webservices </Audience></Conditions>\
         <AuthnStatement SessionNotOnOrAfter=\"2026-01-01T08:00:00Z\"/>\
         <Attribute Name=\"{ATTRIBUTES}RoleSessionName\"><AttributeValue>m&#252;ller&amp;co</AttributeValue></Attribute>\
         <Attribute Name=\"{ATTRIBUTES}SessionDuration\"><AttributeValue>28800</AttributeValue></Attribute>"
    );
    let assertion = parse(&response(&[], &more)).unwrap();
    assert_eq!(assertion.session_name.as_deref(), Some("müller&co"));
    assert_eq!(assertion.session_duration, Some(28800));
    assert_eq!(assertion.not_on_or_after.unwrap().to_string(), "2026-01-01T00:01:00.5Z");
    assert_eq!(assertion.session_not_on_or_after.unwrap().to_string(), "2026-01-01T08:00:00Z");
    assert_eq!(assertion.destination.unwrap().partition, "aws");
    assert!(assertion.is_for_aws && !assertion.encrypted);
}

#[test]
fn what_another_service_is_told_of_roles_is_not_for_aws() {
    let audience = |audiences: &[&str]| {
        let audiences: String = audiences.iter().map(|audience| format!("<Audience>{audience}</Audience>")).collect();
        parse(&response(&[&format!("{ROLE},{PROVIDER}")], &format!("<Conditions>{audiences}</Conditions>"))).unwrap()
    };
    for other in ["https://hub.example/aws", "urn:amazon:cognito:sp:pool", "https://laws.example/saml"] {
        assert!(!audience(&[other]).is_for_aws, "{other}");
    }
    for aws in [&[][..], &["urn:amazon:webservices:govcloud"], &["https://eu-west-1.signin.aws.amazon.com/saml"]] {
        assert!(audience(aws).is_for_aws, "{aws:?}");
    }
    assert!(audience(&["https://hub.example/saml", "urn:amazon:webservices"]).is_for_aws);
}

#[test]
fn an_encrypted_assertion_is_recognised() {
    let document = "<Response><EncryptedAssertion><EncryptedData/></EncryptedAssertion></Response>";
    let assertion = parse(document).unwrap();
    assert!(assertion.encrypted && assertion.roles.is_empty());
}

#[test]
fn what_could_be_read_in_two_ways_is_refused() {
    let of = |document: &str| parse(document).expect_err(document);
    let twice = response(&[], "").replace("</samlp:Response>", "<Assertion/></samlp:Response>");
    assert_eq!(of(&twice), AssertionError::Several);
    assert_eq!(of(&response(&[], "<Advice><Assertion/></Advice>")), AssertionError::Several);
    assert_eq!(of("<Response><Assertion/><EncryptedAssertion/></Response>"), AssertionError::Several);
    let issuers = format!(
        "<Attribute Name=\"{ATTRIBUTES}Role\" b:OriginalIssuer=\"b\"/><Attribute Name=\"{ATTRIBUTES}Role\" b:OriginalIssuer=\"c\"/>"
    );
    assert_eq!(of(&response(&[], &issuers)), AssertionError::MixedIssuers);
    let declared = |document: &str| assert_eq!(of(document), XmlError::Declares.into());
    declared("<!DOCTYPE Response [<!ENTITY r \"x\">]><Response><Assertion>&r;</Assertion></Response>");
    declared("<Response><Assertion>&r;</Assertion></Response>");
    declared("<Response a=\"&r;\"><Assertion/></Response>");
    let deep = format!("<Response>{}", "<a>".repeat(64));
    assert_eq!(of(&deep), XmlError::TooDeep.into());
    let large = format!("<Response>{}</Response>", " ".repeat(1024 * 1024));
    assert_eq!(of(&large), XmlError::TooLarge.into());
    assert_eq!(SamlResponse::parse(&"A".repeat(2 << 20)), Err(XmlError::TooLarge.into()));
}

#[test]
fn what_is_no_assertion_says_why() {
    let of = |document: &str| parse(document).expect_err(document);
    assert_eq!(of("<html></html>"), AssertionError::NotAResponse);
    assert_eq!(of("<Response/>"), AssertionError::Missing);
    assert_eq!(of("<Response><Assertion>"), XmlError::Malformed.into());
    assert_eq!(of("not xml"), XmlError::Malformed.into());
    assert_eq!(of(""), XmlError::Malformed.into());
    assert_eq!(SamlResponse::parse("%%%"), Err(AssertionError::NotBase64));
    let status = "<Response><Status><StatusCode Value=\"urn:x:Responder\"><StatusCode Value=\"urn:x:AuthnFailed\"/></StatusCode></Status></Response>";
    assert_eq!(of(status), AssertionError::Status { status: "AuthnFailed".to_owned() });
}

#[test]
fn the_text_itself_is_never_shown() {
    let encoded = BASE64.encode(response(&[], ""));
    let shown = format!("{:?}", SamlResponse::parse(&encoded).unwrap());
    assert!(!shown.contains(&encoded[..20]), "{shown}");
    // White space of a form's field is not part of it.
    let (one, other) = encoded.split_at(76);
    assert_eq!(SamlResponse::parse(&format!(" {one}\r\n{other}\n")).unwrap().encoded.expose(), encoded);
}

#[test]
fn real_responses_are_read() {
    let Some(folder) = crate::signin::saml::tests::fixtures() else { return };
    let read = |name: &str| std::fs::read_to_string(folder.join("assertions").join(name)).expect(name);
    let adfs = Assertion::of_document(&read("assertion.xml")).unwrap();
    assert_eq!(adfs.roles.len(), 2);
    assert_eq!(adfs.roles[0].role.name().as_str(), "AWS-Admin-CloudOPSBuild");
    assert_eq!((adfs.session_duration, adfs.is_for_aws), (Some(28800), true));
    let ping = Assertion::of_document(&read("assertion_pingfed.xml")).unwrap();
    assert_eq!(ping.roles.len(), 5);
    assert_eq!(ping.session_name.as_deref(), Some("evan.mclean"));
}

proptest! {
    #[test]
    fn no_input_panics(text in "\\PC{0,300}") {
        let _ = SamlResponse::parse(&text);
        let _ = Assertion::of_document(&text);
    }

    #[test]
    fn no_document_of_its_own_words_panics(words in proptest::collection::vec(
        prop::sample::select(vec!["<Response>", "</Response>", "<Assertion>", "</Assertion>", "<a:Attribute Name=\"https://aws.amazon.com/SAML/Attributes/Role\">",
            "</a:Attribute>", "<AttributeValue>", "</AttributeValue>", "<!DOCTYPE x>", "<![CDATA[", "]]>", "<!--", "-->", "&amp;", "&#0;", "&#x41;", "<Audience/>", "<?x?>", "text", "\u{0}"]),
        0..40,
    )) {
        let _ = Assertion::of_document(&words.concat());
    }

    #[test]
    fn every_role_of_a_response_is_found(names in proptest::collection::vec("[A-Za-z][A-Za-z0-9_+=.@-]{0,20}", 0..20), turned in any::<bool>()) {
        let values: Vec<String> = names.iter().map(|name| {
            let role = format!("arn:aws:iam::111122223333:role/{name}");
            if turned { format!("{PROVIDER},{role}") } else { format!("{role},{PROVIDER}") }
        }).collect();
        let assertion = parse(&response(&values.iter().map(String::as_str).collect::<Vec<_>>(), "")).unwrap();
        let mut wanted = names.clone();
        let mut seen = std::collections::HashSet::new();
        wanted.retain(|name| seen.insert(name.clone()));
        let found: Vec<String> = assertion.roles.iter().map(|it| it.role.name().to_string()).collect();
        prop_assert_eq!(found, wanted);
        prop_assert!(assertion.skipped.is_empty());
    }
}
