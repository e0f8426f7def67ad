//! A provider's page: read, decided upon, filled in.
#![no_main]

use libfuzzer_sys::fuzz_target;
use securecart::signin::saml::form::{Method, Request};
use securecart::signin::saml::page::Page;
use securecart::signin::saml::step::{Progress, Step, What, next, response_for_aws};
use url::Url;

fuzz_target!(|data: &[u8]| {
    let Ok(html) = std::str::from_utf8(data) else { return };
    let url = Url::parse("https://sso.example.com/app/aws?x=1").expect("a URL");
    let Ok(page) = Page::parse(html, &url) else { return };
    let _ = response_for_aws(&page);
    for progress in [Progress::default(), sent(&page)] {
        match next(&page, &progress) {
            Ok(Step::Submit(request)) => check(&request),
            Ok(Step::Ask { form, questions }) => {
                // No question is left where the page has filled in everything itself.
                let answers: Vec<(usize, &str)> = questions.iter().filter_map(|it| it.filled("ä&=\"")).flatten().collect();
                assert!(answers.iter().all(|(position, _)| *position < form.fields.len()));
                let secret = questions.iter().any(|it| it.is_secret || it.what == What::Password);
                assert!(!secret || form.method == Method::Post, "no secret goes into an address");
                check(&form.submitted(&answers));
            }
            Ok(Step::Choose(menu)) => {
                assert!(!menu.is_empty(), "a menu of nothing");
                menu.iter().for_each(|item| check(&item.request));
            }
            Ok(Step::Which(ways)) => ways.iter().for_each(|way| check(&way.form.submitted(&[]))),
            Ok(Step::Wait { then, .. }) => check(&then),
            Ok(Step::Poll { status, then }) => {
                check(&status);
                check(&then);
            }
            Ok(Step::Done(_) | Step::Rejected | Step::NameRejected | Step::Stop(_)) | Err(_) => {}
        }
    }
});

/// As after a password was sent to the first form that has one.
fn sent(page: &Page) -> Progress {
    let mut progress = Progress::default();
    let named = page.forms.iter().flat_map(|form| {
        let host = form.action.host_str().unwrap_or_default().to_owned();
        form.fields.iter().map(move |field| (host.clone(), field.name.clone()))
    });
    progress.password_sent = named.last();
    progress
}

fn check(request: &Request) {
    assert!(request.method == Method::Post || request.body.is_none(), "a GET has no body");
}
