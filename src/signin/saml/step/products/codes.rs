//! Pages that want a one-time code.

use super::*;

fn boxes(count: usize, each: impl Fn(usize) -> String) -> String {
    (1..=count).map(each).collect()
}

#[test]
fn a_code_with_a_box_for_each_character_is_one_question() {
    let six = |each: fn(usize) -> String, more: &str| {
        format!(
            "<form method=post><input type=hidden name=t value=1>{}{more}<button>Verify</button></form>",
            boxes(6, each)
        )
    };
    let kinds: [fn(usize) -> String; 4] = [
        |n| format!("<input name=code{n} maxlength=1 inputmode=numeric>"),
        |n| {
            format!(
                "<label for=d{n}>Digit {n}</label><input type=tel id=d{n} name=code{n} maxlength=1 autocomplete=one-time-code>"
            )
        },
        |n| format!("<span><input type=number name=code{n} min=0 max=9></span>"),
        |n| format!("<input type=password name=code{n} maxlength=1 value=''>"),
    ];
    for kind in kinds {
        let page = six(kind, "");
        let wanted = "t=1 code1=1 code2=2 code3=3 code4=4 code5=5 code6=6";
        assert_eq!(filled(after("password", &page)), wanted);
        let Step::Ask { questions, .. } = after("password", &page) else { panic!("a question") };
        assert_eq!(questions.len(), 1, "asked once: {page}");
    }
    let list = six(|n| format!("<input name='otp[{}]' maxlength=1>", n - 1), "");
    assert!(filled(first(&list)).ends_with("otp[0]=1 otp[1]=2 otp[2]=3 otp[3]=4 otp[4]=5 otp[5]=6"), "{list}");
}

/// What is asked for, as what, and whether unseen.
fn asked(step: Step) -> Vec<(String, What, bool)> {
    let Step::Ask { form, questions } = step else { panic!("{step:?} asks nothing") };
    questions.iter().map(|it| (form.fields[it.position].name.clone(), it.what, it.is_secret)).collect()
}

#[test]
fn what_a_page_hides_is_a_secret_whatever_it_is_named() {
    for name in ["passcode", "pin", "otp", "token", "radius_tan"] {
        let page = format!(
            "<form method=post><input name=field1><label for=s>PIN and token</label><input id=s type=password name={name}></form>"
        );
        let wanted = [("field1".to_owned(), What::Username, false), (name.to_owned(), What::Code, true)];
        assert_eq!(asked(first(&page)), wanted);
        let Step::Ask { questions, .. } = first(&page) else { panic!("questions") };
        assert_eq!(questions[1].label, "PIN and token");
        let alone = format!("<form method=post><input type=password name={name}></form>");
        assert_eq!(asked(after("password", &alone)), [(name.to_owned(), What::Code, true)]);
        let in_an_address = page.replace(" method=post", "");
        assert_eq!(first(&in_an_address), Step::Stop(Obstacle::Program("")), "{name}");
    }
    let shown = "<form method=post><input name=otp></form>";
    assert_eq!(asked(after("password", shown)), [("otp".to_owned(), What::Code, false)]);
    let answer = "<form method=post><input type=password name=answer1></form>";
    assert_eq!(asked(first(answer)), [("answer1".to_owned(), What::Other, true)]);
    let boxed =
        format!("<form method=post>{}</form>", boxes(6, |n| format!("<input type=password name=code{n} maxlength=1>")));
    assert_eq!(asked(after("password", &boxed)), [("code1".to_owned(), What::Code, true)]);
    let letters =
        "<form method=post><input type=password name=c3 maxlength=1><input type=password name=c5 maxlength=1></form>";
    assert!(asked(first(letters)).iter().all(|(_, what, secret)| *secret && *what == What::Code), "{letters}");
}

#[test]
fn a_first_box_that_a_whole_code_can_be_pasted_into_is_a_box() {
    let page = |first: &str, kind: &str| {
        let others = boxes(5, |n| format!("<input type={kind} name=d{} maxlength=1>", n + 1));
        format!("<form method=post>{first}{others}<button>Verify</button></form>")
    };
    let pasted = page("<input type=tel name=d1 maxlength=6 autocomplete=one-time-code>", "tel");
    let Step::Ask { questions, .. } = after("password", &pasted) else { panic!("a question") };
    assert_eq!(questions.len(), 1, "asked once");
    assert_eq!(filled(after("password", &pasted)), "d1=1 d2=2 d3=3 d4=4 d5=5 d6=6");
    for other in ["<input name=field maxlength=20>", "<input name=user maxlength=6>", "<input name=field>"] {
        let Step::Ask { questions, .. } = first(&page(other, "text")) else { panic!("questions") };
        let apart: Vec<usize> = questions.iter().map(|it| it.boxes.len()).collect();
        assert_eq!(apart, [0, 5], "{other}");
    }
}

#[test]
fn what_a_script_would_join_goes_into_its_hidden_field_too() {
    let page = format!(
        "<form method=post>{}<input type=hidden id=otp name=OTPcode value=''><input type=hidden name=sessionDataKey value=k><input type=submit value=Go></form>",
        boxes(4, |n| format!("<input id=pin-{n} name=number maxlength=1>"))
    );
    assert_eq!(filled(after("password", &page)), "number=1 number=2 number=3 number=4 OTPcode=1234 sessionDataKey=k");
}

#[test]
fn a_code_of_another_length_is_not_spread_over_the_boxes() {
    let page = format!("<form method=post>{}</form>", boxes(6, |n| format!("<input name=c{n} maxlength=1>")));
    let Step::Ask { questions, .. } = first(&page) else { panic!("a question") };
    for code in ["", "12345", "1234567"] {
        assert_eq!(questions[0].filled(code), None, "{code}");
    }
    let each: Vec<&str> = questions[0].filled("12é456").unwrap().into_iter().map(|(_, text)| text).collect();
    assert_eq!(each, ["1", "2", "é", "4", "5", "6"], "characters, not bytes");
}

#[test]
fn boxes_that_only_a_script_can_send_are_named() {
    let nameless = boxes(6, |_| "<input type=text maxlength=1 class=digit>".to_owned());
    for page in [
        format!(
            "<form method=post><input type=hidden name=code value=''>{nameless}<button>Go</button></form><script>f()</script>"
        ),
        format!(
            "<div>{nameless}</div><form method=post id=f><input type=hidden name=code></form><script>go = () => f.submit();</script>"
        ),
        format!("<p class=error>Wrong</p><form method=post>{nameless}</form>"),
    ] {
        assert_eq!(after("password", &page), Step::Stop(Obstacle::ScriptedCode), "{page}");
    }
}

#[test]
fn a_few_short_boxes_are_an_ordinary_form() {
    let initials = "<form method=post><input name=first maxlength=1><input name=middle maxlength=1><input name=last maxlength=1></form>";
    assert_eq!(filled(first(initials)), "first=other middle=other last=other");
    let apart = "<form method=post><input name=a maxlength=1><input name=b maxlength=1><input name=x><input name=c maxlength=1><input name=d maxlength=1></form>";
    assert_eq!(filled(first(apart)), "a=other b=other x=other c=other d=other");
    let beside = format!(
        "<form method=post><input name=user><input type=password name=password></form><div>{}</div>",
        boxes(5, |_| "<input maxlength=1>".to_owned())
    );
    assert_eq!(filled(first(&beside)), "user=alice password=secret");
}
