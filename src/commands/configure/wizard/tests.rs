use std::cell::RefCell;
use std::collections::VecDeque;

use super::*;
use crate::config::aws_config::parse_sso;
use crate::error::{Error, Kind};
use crate::ui::prompt::Check;

/// A person who types these lines, and an empty one takes the default; after the last, Ctrl-C.
struct Typist {
    lines: RefCell<VecDeque<&'static str>>,
    seen: RefCell<Vec<String>>,
}

impl Typist {
    fn new(lines: &[&'static str]) -> Self {
        Self { lines: RefCell::new(lines.iter().copied().collect()), seen: RefCell::default() }
    }

    fn next(&self) -> Result<&'static str> {
        self.lines.borrow_mut().pop_front().ok_or_else(|| Error::new(Kind::Interrupted, "interrupted"))
    }
}

impl Ask for Typist {
    fn input(&self, question: &str, default: Option<&str>, check: Check<'_>) -> Result<String> {
        loop {
            let typed = self.next()?;
            let answer = if typed.is_empty() { default.unwrap_or("") } else { typed };
            match check(answer) {
                Ok(()) => {
                    self.seen.borrow_mut().push(format!("{question} [{}] {answer}", default.unwrap_or("")));
                    return Ok(answer.to_owned());
                }
                Err(problem) => self.seen.borrow_mut().push(problem),
            }
        }
    }

    fn confirm(&self, _question: &str, default: bool) -> Result<bool> {
        Ok(match self.next()? {
            "" => default,
            typed => typed == "y",
        })
    }

    fn choose(&self, _question: &str, items: &[String], default: usize) -> Result<usize> {
        let typed = self.next()?;
        Ok(items.iter().position(|item| !typed.is_empty() && item.contains(typed)).unwrap_or(default))
    }
}

#[test]
fn a_wrong_start_url_is_explained_and_asked_again() {
    let typist = Typist::new(&[
        "example.awsapps.com/start",
        "https://example.awsapps.com/start/",
        "eu-west-1",
        "docs-bucket",
        "",
        "",
    ]);
    let draft = questions(&typist, Draft::default(), Draft::default(), &[]).expect("all is answered");
    let seen = typist.seen.borrow();
    assert!(seen[0].contains("is not a URL; it starts with `https://`"), "{seen:?}");
    assert_eq!(draft.start_url.expect("typed").as_str(), "https://example.awsapps.com/start");
    assert_eq!(draft.region.expect("the default").as_str(), "eu-west-1");
    assert_eq!(draft.bucket.expect("typed").as_str(), "docs-bucket");
    assert_eq!(draft.keychain, Some(StoreChoice::Auto));
}

#[test]
fn a_portal_that_names_its_region_offers_it() {
    let typist = Typist::new(&["https://ssoins-1.portal.eu-west-2.app.aws", "", "", "", ""]);
    let draft = questions(&typist, Draft::default(), Draft::default(), &[]).expect("all is answered");
    assert_eq!(draft.sso_region.expect("the default").as_str(), "eu-west-2");
    assert_eq!(draft.bucket, None);
}

#[test]
fn the_url_of_an_application_is_a_saml_profile() {
    let typist = Typist::new(&["https://sso.example.com/app/aws", "alice", "", "eu-west-1", ""]);
    let draft = questions(&typist, Draft::default(), Draft::default(), &[]).expect("all is answered");
    assert!(draft.is_saml() && draft.missing().is_empty());
    assert_eq!(draft.url.as_ref().expect("typed").as_str(), "https://sso.example.com/app/aws");
    assert_eq!((draft.username.as_deref(), &draft.start_url, &draft.sso_region), (Some("alice"), &None, &None));
    // Asked again, everything is offered as it is.
    let again = questions(&Typist::new(&["", "", "", "", ""]), Draft::default(), draft.clone(), &[]);
    assert_eq!(again.expect("all is answered"), draft);
}

#[test]
fn onelogin_is_recognised_and_asked_for_its_api_client() {
    let lines = ["https://example.onelogin.com/trust/saml2/launch/1", "3e1f", "123456", "alice", "", "eu-west-1", ""];
    let draft = questions(&Typist::new(&lines), Draft::default(), Draft::default(), &[]).expect("all is answered");
    assert_eq!((draft.client_id.as_deref(), draft.app_id.as_deref()), (Some("3e1f"), Some("123456")));
    assert!(draft.missing().is_empty());
    let again = questions(&Typist::new(&["", "", "", "", "", "", ""]), Draft::default(), draft.clone(), &[]);
    assert_eq!(again.expect("all is answered"), draft);
}

#[test]
fn an_openid_configuration_is_a_profile_of_its_issuer() {
    let arn = "arn:aws:iam::111122223333:role/DocsUser";
    let address = "https://login.example.com/.well-known/openid-configuration";
    let typist = Typist::new(&[address, "securecart", arn, "", "eu-west-1", ""]);
    let draft = questions(&typist, Draft::default(), Draft::default(), &[]).expect("all is answered");
    assert!(draft.is_oidc() && draft.missing().is_empty());
    assert_eq!(draft.issuer.as_ref().expect("typed").as_str(), "https://login.example.com");
    let again = questions(&Typist::new(&["", "", "", "", "", ""]), Draft::default(), draft.clone(), &[]);
    assert_eq!(again.expect("all is answered"), draft);
}

#[test]
fn a_profile_for_jobs_asks_neither_for_a_client_nor_for_a_keychain() {
    let flags = Draft { method: Some(MethodChoice::Oidc), ..Draft::default() };
    let typist = Typist::new(&["", "arn:aws:iam::111122223333:role/CiDocs", "docs-bucket", "eu-west-1"]);
    let draft = questions(&typist, flags, Draft::default(), &[]).expect("all is answered");
    assert_eq!((&draft.issuer, &draft.client_id, draft.keychain), (&None, &None, None));
    assert!(draft.missing().is_empty());
}

#[test]
fn a_role_is_asked_for_its_source_and_arn_and_nothing_about_signing_in() {
    let flags = Draft { method: Some(MethodChoice::Role), ..Draft::default() };
    let typist = Typist::new(&["docs", "arn:aws:iam::444455556666:role/Reports", "reports-bucket"]);
    let draft = questions(&typist, flags, Draft::default(), &[]).expect("all is answered");
    assert!(draft.missing().is_empty() && draft.region.is_none(), "{draft:?}");
    let again = questions(&Typist::new(&["", "", ""]), Draft::default(), draft.clone(), &[]);
    assert_eq!(again.expect("all is answered"), draft);
}

#[test]
fn what_flags_tell_is_not_asked() {
    let flags = Draft {
        start_url: Some("https://example.awsapps.com/start".parse().unwrap()),
        sso_region: Some("eu-west-1".parse().unwrap()),
        bucket: Some("docs-bucket".parse().unwrap()),
        keychain: Some(StoreChoice::File),
        ..Draft::default()
    };
    let typist = Typist::new(&["eu-central-1"]);
    let draft = questions(&typist, flags, Draft::default(), &[]).expect("one question");
    assert_eq!(typist.seen.borrow().as_slice(), ["Region of the bucket [eu-west-1] eu-central-1"]);
    assert_eq!(draft.keychain, Some(StoreChoice::File));
}

#[test]
fn an_interrupt_ends_the_questions() {
    let error = questions(&Typist::new(&[]), Draft::default(), Draft::default(), &[]).unwrap_err();
    assert_eq!(error.kind.exit_code(), 130);
}

#[test]
fn found_settings_are_offered_with_a_way_out() {
    let found = parse_sso(
        "[profile dev]\nsso_start_url = https://example.awsapps.com/start\nsso_account_id = 1\nsso_role_name = Dev\n",
    );
    let chosen = import(&Typist::new(&["dev"]), &found, true).unwrap();
    assert_eq!(chosen.expect("dev").name, "dev");
    assert_eq!(import(&Typist::new(&["none of these"]), &found, true).unwrap(), None);
    assert_eq!(describe(&found[0]), "profile dev: https://example.awsapps.com/start, Dev in 1");
}

#[test]
fn a_question_and_its_answer_fit_on_a_line_of_80_columns() {
    let typist = Typist::new(&["https://example.awsapps.com/start", "eu-west-1", "docs-bucket", "", ""]);
    questions(&typist, Draft::default(), Draft::default(), &[]).unwrap();
    let seen = typist.seen.take();
    assert!(seen.iter().all(|line| line.chars().count() < 80), "{seen:?}");
}
