use proptest::prelude::*;

use super::*;

const FOLDER: &str = include_str!("../../policies/folder.json");
const BUCKET: &str = "arn:aws:s3:::securecart-user-docs";

fn document(json: &str) -> Document {
    Document::parse(json).unwrap()
}

fn statement(json: &str) -> Document {
    document(&format!(
        r#"{{"Version":"2012-10-17","Statement":[{json}]}}"#
    ))
}

fn says(policy: &Document, action: &str, resource: &str, context: &Context) -> Decision {
    evaluate(
        [policy],
        Question {
            action,
            resource,
            context,
        },
    )
}

fn alice() -> Context {
    Context::new().with("aws:userid", "AROAEXAMPLE:alice@example.com")
}

#[test]
fn folder_policy_lists_only_the_callers_own_prefix() {
    let policy = document(FOLDER);
    let list = |prefix: Option<&str>| {
        let context = match prefix {
            Some(prefix) => alice().with("s3:prefix", prefix),
            None => alice(),
        };
        says(&policy, "s3:ListBucket", BUCKET, &context) == Decision::Allow
    };
    assert!(list(Some("AROAEXAMPLE:alice@example.com/")));
    assert!(list(Some("AROAEXAMPLE:alice@example.com/2026/x")));
    assert!(!list(Some("AROAEXAMPLE:alice@example.com")));
    assert!(!list(Some("AROAEXAMPLE:alice@example.com.evil/")));
    assert!(!list(Some("")));
    assert!(!list(None));
}

#[test]
fn folder_policy_covers_objects_of_the_folder_and_no_others() {
    let policy = document(FOLDER);
    let get = |key: &str| {
        says(
            &policy,
            "s3:GetObject",
            &format!("{BUCKET}/{key}"),
            &alice(),
        ) == Decision::Allow
    };
    assert!(get("AROAEXAMPLE:alice@example.com/a"));
    assert!(get("AROAEXAMPLE:alice@example.com/"));
    assert!(get("AROAEXAMPLE:alice@example.com//../x"));
    assert!(!get("AROAEXAMPLE:alice@example.com"));
    assert!(!get("AROAEXAMPLE:bob@example.com/a"));
    assert!(!get("x/AROAEXAMPLE:alice@example.com/a"));
}

#[test]
fn an_unknown_variable_matches_nothing() {
    let policy = document(FOLDER);
    let context = Context::new().with("s3:prefix", "/x");
    assert_eq!(
        says(&policy, "s3:ListBucket", BUCKET, &context),
        Decision::ImplicitDeny
    );
    assert_eq!(
        says(&policy, "s3:GetObject", &format!("{BUCKET}//x"), &context),
        Decision::ImplicitDeny
    );
}

#[test]
fn without_the_2012_version_variables_are_text() {
    let policy = document(&FOLDER.replace("2012-10-17", "2008-10-17"));
    let own = format!("{BUCKET}/AROAEXAMPLE:alice@example.com/a");
    assert_eq!(
        says(&policy, "s3:GetObject", &own, &alice()),
        Decision::ImplicitDeny
    );
    let literal = format!("{BUCKET}/${{aws:userid}}/a");
    assert_eq!(
        says(&policy, "s3:GetObject", &literal, &alice()),
        Decision::Allow
    );
}

#[test]
fn deny_wins_over_allow_in_any_order() {
    let both = statement(
        r#"{"Effect":"Deny","Action":"s3:Get*","Resource":"*"},{"Effect":"Allow","Action":"*","Resource":"*"}"#,
    );
    assert_eq!(
        says(&both, "s3:GetObject", BUCKET, &alice()),
        Decision::ExplicitDeny
    );
    assert_eq!(
        says(&both, "S3:PUTOBJECT", BUCKET, &alice()),
        Decision::Allow
    );
}

#[test]
fn not_action_and_not_resource_are_complements() {
    let policy = statement(
        r#"{"Effect":"Allow","NotAction":"s3:Delete*","NotResource":"arn:aws:s3:::b/secret/*"}"#,
    );
    assert_eq!(
        says(&policy, "s3:GetObject", "arn:aws:s3:::b/x", &alice()),
        Decision::Allow
    );
    assert_eq!(
        says(&policy, "s3:DeleteObject", "arn:aws:s3:::b/x", &alice()),
        Decision::ImplicitDeny
    );
    assert_eq!(
        says(&policy, "s3:GetObject", "arn:aws:s3:::b/secret/x", &alice()),
        Decision::ImplicitDeny
    );
}

#[test]
fn a_session_policy_only_takes_away() {
    let identity = [document(FOLDER)];
    let session = [statement(
        r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}"#,
    )];
    let context = alice();
    let resource = format!("{BUCKET}/AROAEXAMPLE:alice@example.com/a");
    let ask = |action| Question {
        action,
        resource: &resource,
        context: &context,
    };
    assert!(allows(&identity, Some(&session), ask("s3:GetObject")));
    assert!(!allows(&identity, Some(&session), ask("s3:PutObject")));
    assert!(!allows(&identity, Some(&[]), ask("s3:GetObject")));
    let other = Question {
        action: "s3:GetObject",
        resource: "arn:aws:s3:::admin-only/x",
        context: &context,
    };
    assert!(!allows(&identity, Some(&session), other));
}

#[test]
fn a_wildcard_stays_inside_its_arn_component() {
    let policy = statement(r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:s*:::b"}"#);
    assert_eq!(
        says(&policy, "s3:X", "arn:aws:s3:::b", &alice()),
        Decision::Allow
    );
    assert_eq!(
        says(&policy, "s3:X", "arn:aws:sqs:eu:1:::b", &alice()),
        Decision::ImplicitDeny
    );
}

#[test]
fn escapes_name_the_characters_themselves() {
    let policy =
        statement(r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/${*}${?}${$}"}"#);
    assert_eq!(
        says(&policy, "s3:X", "arn:aws:s3:::b/*?$", &alice()),
        Decision::Allow
    );
    assert_eq!(
        says(&policy, "s3:X", "arn:aws:s3:::b/xyz", &alice()),
        Decision::ImplicitDeny
    );
}

fn holds(condition: &str, context: &Context) -> bool {
    let policy = statement(&format!(
        r#"{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{condition}}}"#
    ));
    says(&policy, "s3:X", BUCKET, context) == Decision::Allow
}

#[test]
fn missing_keys_fail_positive_operators_and_meet_negative_ones() {
    let none = Context::new();
    assert!(!holds(r#"{"StringEquals":{"k":"v"}}"#, &none));
    assert!(holds(r#"{"StringEqualsIfExists":{"k":"v"}}"#, &none));
    assert!(holds(r#"{"StringNotEquals":{"k":"v"}}"#, &none));
    assert!(!holds(
        r#"{"Bool":{"aws:MultiFactorAuthPresent":"false"}}"#,
        &none
    ));
    assert!(holds(
        r#"{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#,
        &none
    ));
    assert!(holds(r#"{"Null":{"k":"true"}}"#, &none));
    assert!(!holds(r#"{"Null":{"k":"false"}}"#, &none));
    assert!(holds(r#"{"ForAllValues:StringEquals":{"k":"v"}}"#, &none));
    assert!(!holds(r#"{"ForAnyValue:StringEquals":{"k":"v"}}"#, &none));
}

#[test]
fn several_wanted_values_are_alternatives_and_their_negation_is_none_of_them() {
    let b = Context::new().with("K", "b");
    assert!(holds(r#"{"StringEquals":{"k":["a","b"]}}"#, &b));
    assert!(!holds(r#"{"StringNotEquals":{"k":["a","b"]}}"#, &b));
    assert!(holds(r#"{"StringEqualsIgnoreCase":{"k":"B"}}"#, &b));
    assert!(!holds(r#"{"StringEquals":{"k":"*"}}"#, &b));
    assert!(holds(r#"{"StringLike":{"k":"?"}}"#, &b));
    let mut many = Context::new();
    many.set_all("k", vec!["a".into(), "c".into()]);
    assert!(holds(
        r#"{"ForAnyValue:StringEquals":{"k":["a","b"]}}"#,
        &many
    ));
    assert!(!holds(
        r#"{"ForAllValues:StringEquals":{"k":["a","b"]}}"#,
        &many
    ));
}

#[test]
fn numbers_dates_addresses_and_arns_compare_as_such() {
    let it = Context::new()
        .with("n", "10")
        .with("d", "2026-01-02T00:00:00Z")
        .with("ip", "10.1.2.3")
        .with("arn", "arn:aws:iam::111111111111:role/a/b");
    assert!(holds(r#"{"NumericLessThan":{"n":"10.5"}}"#, &it));
    assert!(!holds(r#"{"NumericLessThan":{"n":9}}"#, &it));
    assert!(holds(
        r#"{"DateGreaterThan":{"d":"2026-01-01T00:00:00Z"}}"#,
        &it
    ));
    assert!(holds(r#"{"IpAddress":{"ip":"10.0.0.0/8"}}"#, &it));
    assert!(holds(r#"{"NotIpAddress":{"ip":"10.2.0.0/16"}}"#, &it));
    assert!(holds(r#"{"ArnLike":{"arn":"arn:aws:iam::*:role/*"}}"#, &it));
    assert!(!holds(r#"{"ArnLike":{"arn":"arn:aws:*role/*"}}"#, &it));
}

#[test]
fn documents_iam_refuses_are_refused() {
    for bad in [
        "",
        "[]",
        r#"{"Version":"2012-10-17"}"#,
        r#"{"Version":"2013-01-01","Statement":[]}"#,
        r#"{"Statement":[{"Effect":"allow","Action":"*","Resource":"*"}]}"#,
        r#"{"Statement":[{"Effect":"Allow","Action":"*"}]}"#,
        r#"{"Statement":[{"Effect":"Allow","Resource":"*"}]}"#,
        r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}]}"#,
        r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Extra":1}]}"#,
        r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringIs":{"k":"v"}}}]}"#,
    ] {
        assert!(Document::parse(bad).is_err(), "{bad}");
    }
}

proptest! {
    #[test]
    fn a_variables_value_never_acts_as_a_wildcard(name in "[a-z*?$]{1,6}", key in "[a-z]{0,8}") {
        let pattern = Pattern::parse("${aws:userid}/x", true);
        let context = Context::new().with("aws:userid", name.clone());
        let own = format!("{}/x", name);
        let other = format!("{}/x", key);
        prop_assert!(pattern.matches(&own, &context));
        prop_assert_eq!(pattern.matches(&other, &context), key == name);
    }

    #[test]
    fn globs_agree_with_a_naive_matcher(pattern in "[ab*?]{0,7}", text in "[ab]{0,7}") {
        fn naive(p: &[u8], t: &[u8]) -> bool {
            match (p.first(), t.first()) {
                (None, None) => true,
                (Some(b'*'), _) => naive(&p[1..], t) || (!t.is_empty() && naive(p, &t[1..])),
                (Some(b'?'), Some(_)) => naive(&p[1..], &t[1..]),
                (Some(a), Some(b)) if a == b => naive(&p[1..], &t[1..]),
                _ => false,
            }
        }
        let parsed = Pattern::parse(&pattern, true);
        prop_assert_eq!(parsed.matches(&text, &Context::new()), naive(pattern.as_bytes(), text.as_bytes()));
    }

    #[test]
    fn nobody_reaches_another_persons_folder(mine in "AROA[A-Z]{3}:[a-z@.+=_-]{2,12}", theirs in "AROA[A-Z]{3}:[a-z@.+=_-]{2,12}", rest in "[ -~]{0,12}") {
        prop_assume!(mine != theirs);
        let policy = document(FOLDER);
        let context = Context::new().with("aws:userid", mine).with("s3:prefix", format!("{theirs}/{rest}"));
        let resource = format!("{BUCKET}/{theirs}/{rest}");
        prop_assert_ne!(says(&policy, "s3:GetObject", &resource, &context), Decision::Allow);
        prop_assert_ne!(says(&policy, "s3:ListBucket", BUCKET, &context), Decision::Allow);
    }
}
