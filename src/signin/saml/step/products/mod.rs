//! Pages as many products make them, small: which field is what, which button counts, what can't be done here.
//!
//! Structure and names are those that the products' templates and documentation have; the pages are our own.

use proptest::prelude::*;
use url::form_urlencoded;

use super::*;

mod codes;
mod scripted;
mod sign_in;
mod steps;

fn at(url: &str, html: &str) -> Page {
    Page::parse(html, &Url::parse(url).unwrap()).unwrap()
}

fn first(html: &str) -> Step {
    next(&at("https://idp.example/login", html), &Progress::default()).unwrap()
}

/// After `password` was sent in the field of this name.
fn after(name: &str, html: &str) -> Step {
    let sent = Progress { password_sent: Some(("idp.example".to_owned(), name.to_owned())), ..Progress::default() };
    next(&at("https://idp.example/login", html), &sent).unwrap()
}

/// What is sent when the name is `alice` and every secret its field's kind.
fn filled(step: Step) -> String {
    let Step::Ask { form, questions } = step else { panic!("{step:?} asks nothing") };
    let answers: Vec<(usize, &str)> = questions
        .iter()
        .flat_map(|it| {
            let answer = match it.what {
                What::Username => "alice",
                What::Password => "secret",
                What::Code if it.boxes.is_empty() => "123456",
                What::Code => &"123456789012"[..it.boxes.len()],
                What::Other => "other",
                What::Entry => return it.filled("chosen").unwrap(),
            };
            it.filled(answer).unwrap()
        })
        .collect();
    sent(&form.submitted(&answers))
}

fn sent(request: &Request) -> String {
    let body = request.body.as_ref().map(|(_, body)| body.expose().to_owned());
    let text = body.unwrap_or_else(|| request.url.query().unwrap_or_default().to_owned());
    form_urlencoded::parse(text.as_bytes()).map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
}

fn menu_of(step: Step) -> Vec<(String, String)> {
    let Step::Choose(menu) = step else { panic!("{step:?} offers nothing") };
    menu.iter().map(|item| (item.label.clone(), sent(&item.request))).collect()
}

fn says(html: &str) -> Option<String> {
    at("https://idp.example/login", html).complaint
}

proptest! {
    #[test]
    fn no_page_of_these_products_panics_or_sends_a_password_in_an_address(words in proptest::collection::vec(prop::sample::select(vec![
        "<form method=post>", "<form>", "</form>", "<input name=username>", "<input type=email name=e>", "<input type=password name=password>",
        "<input type=password name=password1>", "<input type=hidden name='pf.ok'>", "<button name='pf.cancel'>", "<input type=submit name=_eventId_proceed>",
        "<input type=submit name=_eventId_x>", "<input type=radio name=r checked>", "<select name=lang><option value=1>", "</select>", "<button>Go</button>",
        "<script>location='/x'</script>", "<script>$Config=", "</script>", "<div class=g-recaptcha>", "<a id=loginRestartLink href=/x>", "</a>",
        "<input name=captcha>", "<input name=d maxlength=1>", "<input maxlength=1>", "<input type=password name=d maxlength=1>",
        "<input type=number name=d max=9>", "<input type=hidden name=otp>", "<form id=hrd>", "<input id=hrdSelection type=hidden>", "<div style='display:none'>", "</div>", "<span trmsg=5>"]), 0..40),
        host in prop::sample::select(vec!["idp.example", "login.microsoftonline.com", "accounts.google.com", "x.duosecurity.com"])) {
        let page = at(&format!("https://{host}/a"), &words.concat());
        for progress in [Progress::default(), Progress { password_sent: Some((host.to_owned(), "password".to_owned())), ..Progress::default() }] {
            match next(&page, &progress) {
                Ok(Step::Ask { form, questions }) => {
                    let secret = questions.iter().any(|it| it.what == What::Password);
                    prop_assert!(!secret || form.method == Method::Post);
                    prop_assert!(!secret || progress.password_sent.is_none() || form.field("password").is_none());
                    prop_assert!(questions.iter().flat_map(|it| &it.boxes).all(|at| *at < form.fields.len()));
                    let _ = form.submitted(&[]);
                }
                Ok(Step::Choose(menu)) => prop_assert!(!menu.is_empty()),
                _ => {}
            }
        }
    }
}
