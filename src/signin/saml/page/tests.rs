use super::bounds::MAX_TAGS;
use super::*;
use crate::signin::saml::form::Kind;
use proptest::prelude::*;

fn page(html: &str) -> Page {
    Page::parse(html, &Url::parse("https://idp.example/a/b?c=d").unwrap()).unwrap()
}

#[test]
fn actions_are_resolved_as_browsers_do() {
    let action = |html: &str| page(html).forms[0].action.to_string();
    assert_eq!(action("<form action='x?y'>"), "https://idp.example/a/x?y");
    assert_eq!(action("<form action='?'>"), "https://idp.example/a/b?");
    assert_eq!(action("<form>"), "https://idp.example/a/b?c=d");
    assert_eq!(action("<form action='//other.example/'>"), "https://other.example/");
    assert_eq!(action("<base href='/z/'><form action='x'>"), "https://idp.example/z/x");
    assert_eq!(action("<form action='https://:'>"), "https://idp.example/a/b?c=d");
}

#[test]
fn controls_belong_to_their_form_wherever_they_stand() {
    let page = page(
        "<form id=one><input name=a></form><input name=b form=one><form id=two></form><table><form id=three><tr><td>\
         <input name=c></td></tr></form></table><fieldset disabled><input name=d form=one></fieldset>",
    );
    let names = |id: &str| page.form(id).unwrap().fields.iter().map(|field| field.name.clone()).collect::<Vec<_>>();
    assert_eq!((names("one"), names("two"), names("three")), (vec!["a".into(), "b".into()], vec![], vec!["c".into()]));
}

#[test]
fn labels_are_found_by_id_around_and_as_placeholders() {
    let page = page(
        "<form><label for=u>User <b>name</b>:</label><input id=u name=u><label>Code <input name=c></label>\
         <input name=p placeholder='PIN'><select name=s><option>One<option value=2>Two</select><button name=b>Go on</button>",
    );
    let labels: Vec<&str> = page.forms[0].fields.iter().map(|field| field.label.as_str()).collect();
    assert_eq!(labels, ["User name", "Code", "PIN", "", "Go on"]);
    let Kind::Select { options } = &page.forms[0].fields[3].kind else { panic!("a list") };
    let options: Vec<_> = options.iter().map(|option| (option.value.as_str(), option.label.as_str())).collect();
    assert_eq!(options, [("One", "One"), ("2", "Two")]);
}

#[test]
fn refreshes_and_complaints_are_found() {
    let wait = |content: &str| {
        page(&format!("<meta http-equiv=Refresh content=\"{content}\">"))
            .refresh
            .map(|(after, url)| (after.as_secs(), url.to_string()))
    };
    assert_eq!(wait("5"), Some((5, "https://idp.example/a/b?c=d".into())));
    assert_eq!(wait("0; URL='/n'"), Some((0, "https://idp.example/n".into())));
    assert_eq!(wait("1.5;url=n"), Some((1, "https://idp.example/a/n".into())));
    assert_eq!(wait("never"), None);
    assert_eq!(page("<meta http-equiv=refresh content='é'>").refresh, None);
    assert_eq!(page("<noscript><meta http-equiv=refresh content=5></noscript>").refresh, None);
    let complaint = |html: &str| page(html).complaint;
    assert_eq!(
        complaint("<div id=errorText></div><p class='x kc-feedback-text'> Wrong\n <b>password</b></p>"),
        Some("Wrong password".into())
    );
    assert_eq!(complaint("<div class=error><b>Wrong</b><p>Try again</p></div>"), Some("Wrong Try again".into()));
    let beside_field = "<div id=input-error-container-otp><div id=input-error-otp><span>Wrong code</span></div></div>";
    assert_eq!(complaint(beside_field).as_deref(), Some("Wrong code"));
    assert_eq!(complaint("<p class=error style='display: none'>x</p>"), None);
    let with_buttons =
        "<div class=error><button>Again</button>Too late <a role=button>Home</a></div><p class=error>x</p>";
    assert_eq!(complaint(with_buttons).as_deref(), Some("Too late"));
}

#[test]
fn hostile_pages_end_quickly() {
    let url = Url::parse("https://idp.example/").unwrap();
    assert_eq!(Page::parse(&"x".repeat(MAX_BYTES + 1), &url).unwrap_err(), PageError::TooLarge);
    assert_eq!(Page::parse(&"<b>".repeat(MAX_TAGS + 1), &url).unwrap_err(), PageError::TooManyTags);
    let names = |prefix: &str| (0..2000).map(|n| format!(" {prefix}{n}")).collect::<String>();
    let attributes = format!("<a{}>", names("a"));
    let count = MAX_BYTES / attributes.len();
    let started = std::time::Instant::now();
    Page::parse(&attributes.repeat(count), &url).unwrap();
    assert!(started.elapsed() < Duration::from_secs(5), "attributes: {:?}", started.elapsed());
    assert_eq!(Page::parse(&format!("<a{}{}>", names("a"), names("b")), &url).unwrap_err(), PageError::TooManyTags);
    for tag in [
        "<div>",
        "<b>",
        "<div><p>",
        "<form><input>",
        "<label>",
        "<table><tr>",
        "<select><option>",
        "<a><b><i>",
        "<p class=error>",
    ] {
        let started = std::time::Instant::now();
        let count = MAX_TAGS / tag.matches('<').count();
        let page = Page::parse(&tag.repeat(count), &url).unwrap();
        drop(page);
        assert!(started.elapsed() < Duration::from_secs(5), "{tag}: {:?}", started.elapsed());
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,300}") {
        let _ = page(&text);
    }

    #[test]
    fn no_page_of_real_words_panics(words in proptest::collection::vec(prop::sample::select(vec![
        "<form method=post action=x>", "</form>", "<input name=a>", "<input type=password name=p>", "<select name=s>", "<option value=1>",
        "</option>", "</select>", "<table>", "<tr>", "<td>", "</table>", "<label for=a>", "</label>", "<button name=b>", "</button>", "<script>",
        "</script>", "<meta http-equiv=refresh content='1;url=", "'>", "<fieldset disabled>", "</fieldset>", "<template>", "<svg>", "<noscript>",
        "<div class=error>", "</div>", "text", "<!--", "-->", "<base href=//x>", "<title>", "<frameset>", "<textarea>", "<p>", "<input type=radio name=r form=f>"]), 0..60)) {
        let page = page(&words.concat());
        for form in &page.forms {
            let answers: Vec<(usize, &str)> = (0..form.fields.len()).map(|position| (position, "x")).collect();
            let _ = (form.submitted(&[]), form.submitted(&answers));
        }
    }
}

#[test]
fn what_is_not_shown_is_neither_a_complaint_nor_asked_for() {
    let complaint = |html: &str| page(html).complaint;
    for hidden in [
        "<div style='display:none'><p class=error>Type a password</p></div>",
        "<div class=d-none><p class=error>Type a password</p></div>",
        "<template><p class=error>Type a password</p></template>",
        "<div hidden><p role=alert>Type a password</p></div>",
    ] {
        assert_eq!(complaint(hidden), None, "{hidden}");
        assert_eq!(complaint(&format!("{hidden}<p class=error>Wrong</p>")).as_deref(), Some("Wrong"), "{hidden}");
    }
    let page = page(
        "<form method=post><input name=a style='display:none'><input type=password name=b hidden>\
         <input type=password name=c aria-hidden=true tabindex=-1><input type=password name=d></form>",
    );
    let kinds: Vec<bool> = page.forms[0].fields.iter().map(|field| field.kind == Kind::Hidden).collect();
    assert_eq!(kinds, [true, true, true, false]);
}

#[test]
fn controls_outside_a_finished_form_are_nobodys() {
    let read = page(
        "<form method=post><input name=user></form><input type=password name=p><input type=hidden name=x value=1>",
    );
    assert_eq!(read.forms[0].fields.len(), 1);
    assert!(read.loose_password);
    // Closed by a neighbour's end: what follows is still its own.
    let read = page(
        "<div><form method=post><input type=hidden name=t></div><input name=user><input type=password name=p></form>",
    );
    assert_eq!(read.forms[0].fields.len(), 3);
    assert!(!read.loose_password);
}

#[test]
fn links_scripts_and_captchas_are_found() {
    let read =
        page("<a id=one href='/x?y'>One <b>more</b></a><a href='mailto:a@b'>no</a><a href='javascript:f()'>click</a>");
    assert_eq!(
        read.link("one").map(|it| (it.url.as_str(), it.label.as_str())),
        Some(("https://idp.example/x?y", "One more"))
    );
    assert_eq!((read.links.len(), read.clicks.len()), (1, 1));
    let leads = |html: &str| page(html).leads_to.map(|url| url.to_string());
    assert_eq!(leads("<script>location.href='/next'</script>").as_deref(), Some("https://idp.example/next"));
    for other in [
        "<script src=x.js></script><script>location.href='/next'</script>",
        "<form></form><script>location.href='/next'</script>",
        "<input type=password><script>location.href='/next'</script>",
    ] {
        assert_eq!(leads(other), None, "{other}");
    }
    assert!(page("<div data-sitekey=x></div>").has_captcha && !page("<div class=captcha-help></div>").has_captcha);
    assert!(page("<script>var a; $Config={}</script>").has_word("$Config="));
}

#[test]
fn a_number_to_match_is_no_telephone_and_no_step() {
    let number = |name: &str| page(&format!("<span class={name}>34</span>")).number;
    for name in ["number", "number-to-match", "numberMatching", "entropy-number", "push-challenge"] {
        assert_eq!(number(name).as_deref(), Some("34"), "{name}");
    }
    for name in ["phone-number", "mobileNumber", "step_number", "page-number", "cardNumber"] {
        assert_eq!(number(name), None, "{name}");
    }
}
