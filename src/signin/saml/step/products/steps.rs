//! Pages before and after the name and password: consent, notices, keys, devices, errors.

use super::*;

#[test]
fn openam_numbers_its_fields_and_they_are_no_codes_for_that() {
    let page = "<form name=Login method=post><input id=IDToken1 name=IDToken1><input type=password id=IDToken2 name=IDToken2>\
        <input name='Login.Submit' type=button><input type=hidden name=IDButton value=''><input type=hidden name=goto value=g></form>";
    assert_eq!(filled(first(page)), "IDToken1=alice IDToken2=secret IDButton= goto=g");
    assert_eq!(after("IDToken2", page), Step::Rejected);
    let code =
        "<form name=Login method=post><input type=password name=IDToken1><input type=hidden name=IDButton></form>";
    assert_eq!(filled(after("IDToken2", code)), "IDToken1=123456 IDButton=");
}

#[test]
fn wso2_gets_the_name_in_the_hidden_field_too() {
    let page = "<form method=post><input id=usernameUserInput name=usernameUserInput><input type=hidden id=username name=username value=''>\
        <input type=password name=password><input type=checkbox name=chkRemember><input type=hidden name=sessionDataKey value=k></form>";
    assert_eq!(filled(first(page)), "usernameUserInput=alice username=alice password=secret sessionDataKey=k");
    for other in [
        "<form method=post><input name=username><input type=hidden name=user_lang value=''><input type=password name=p></form>",
        "<form method=post><input name=identifier><input type=hidden name=id value=''><input type=password name=p></form>",
        "<form method=post><input name=usernameInput><input type=hidden name=username value=told><input type=password name=p></form>",
    ] {
        assert!(!filled(first(other)).replacen("=alice", "", 1).contains("alice"), "{other}");
    }
}

#[test]
fn consent_that_may_be_remembered_is_a_question_still() {
    let page = "<form id=consent_yes action=yes><input type=checkbox name=saveconsent value=1><input type=hidden name=StateId value=s><button name=yes>Yes, continue</button></form>\
        <form id=consent_no action=no><input type=hidden name=StateId value=s><button name=no>No, cancel</button></form>";
    let offered = menu_of(after("password", page));
    assert_eq!(
        offered,
        [
            ("Yes, continue".to_owned(), "StateId=s yes=".to_owned()),
            ("No, cancel".to_owned(), "StateId=s no=".to_owned())
        ]
    );
}

#[test]
fn what_a_page_filled_in_is_a_setting_and_no_code() {
    let page = |cancel: &str| {
        format!(
            "<form method=post id=fm1><input type=radio name=option id=o0 value=0><label for=o0>Always</label>\
             <input type=radio name=option id=o2 value=2 checked><label for=o2>When a value changes</label>\
             <label for=reminder>Reminder</label><input type=number name=reminder id=reminder value=30>\
             <select name=reminderTimeUnit><option value=hours>Hours<option value=days selected>Days</select>\
             <input type=hidden name=execution value=e><input type=hidden name=_eventId value=confirm>\
             <button id=confirm name=confirm>Confirm</button>{cancel}</form>"
        )
    };
    let with = |option: u8, button: &str| {
        format!("option={option} reminder=30 reminderTimeUnit=days execution=e _eventId=confirm {button}")
    };
    let offered = menu_of(after("password", &page("<a id=cancel href=/login>Cancel</a>")));
    assert_eq!(
        offered,
        [("Always".to_owned(), with(0, "confirm=")), ("When a value changes".to_owned(), with(2, "confirm="))]
    );
    let offered = menu_of(after("password", &page("<button name=cancel>Cancel</button>")));
    assert_eq!(offered, [("Confirm".to_owned(), with(2, "confirm=")), ("Cancel".to_owned(), with(2, "cancel="))]);
    let named = "<form method=post><input name=device value='My laptop'><button>Go on</button></form>";
    assert_eq!(filled(after("password", named)), "device=My laptop", "where there is no choice");
    let code = "<form method=post><input name=otp value=0><button>Go on</button></form>";
    assert_eq!(filled(after("password", code)), "otp=123456", "a code is one whatever is in it");
}

#[test]
fn cas_terms_are_not_accepted_by_themselves() {
    for policy in [
        "<div class=aup><p>Terms</p>",
        "<div><p id=policyTextByCode>Terms</p>",
        "<div><p id=policyDefaultText>Terms</p>",
    ] {
        let page = format!(
            "<form method=post id=fm1><h3>Policy</h3>{policy}<input type=hidden name=execution value=e><input type=hidden name=_eventId value=submit>\
             <button name=submit accesskey=s>Accept</button><button name=cancel type=button onclick='location.href = location.href;'>Cancel</button></div></form>"
        );
        assert_eq!(after("password", &page), Step::Stop(Obstacle::TermsRequired), "{policy}");
    }
}

#[test]
fn links_that_carry_the_sign_ins_state_are_a_menu() {
    let ways = |step: Step| match step {
        Step::Which(ways) => {
            ways.into_iter().map(|way| (way.label, way.form.submitted(&[]).url.to_string())).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    let page = |more: &str| {
        format!(
            "<a href='https://example.com/?state=abcdefgh12'>Our company</a><a href='/help?lang=en'>Help</a>\
             <div><a href='/auth/ldap?back=&amp;state=abcdefgh12' target=_self><button class=dex-btn><span>Log in with LDAP</span></button></a></div>\
             <div><a href='/auth/partner?back=&amp;state=abcdefgh12'>Log in with Partner</a></div>\
             <a href='/logout?state=abcdefgh12'>Out</a>{more}"
        )
    };
    assert_eq!(
        ways(first(&page(""))),
        [
            ("Log in with LDAP".to_owned(), "https://idp.example/auth/ldap?back=&state=abcdefgh12".to_owned()),
            ("Log in with Partner".to_owned(), "https://idp.example/auth/partner?back=&state=abcdefgh12".to_owned())
        ]
    );
    let form = "<form method=post><input name=user><input type=password name=password></form>";
    assert_eq!(filled(first(&page(form))), "user=alice password=secret", "a form is before links");
    assert_eq!(first(&page("<p role=alert>No such session</p>")), Step::Stop(Obstacle::Unknown));
    for other in [
        "<a href='/a?lang=en'>A</a><a href='/b?lang=en'>B</a>",
        "<a href='/a?state=abcdefgh12'>A</a><a href='/a?state=abcdefgh12&amp;x=1'>B</a>",
        "<a href='/a?state=abcdefgh12'>A</a><a href='/b?state=another123'>B</a>",
    ] {
        assert_eq!(first(other), Step::Stop(Obstacle::Unknown), "{other}");
    }
    let many: String = (0..21).map(|n| format!("<a href='/{n}?state=abcdefgh12'>{n}</a>")).collect();
    assert_eq!(first(&many), Step::Stop(Obstacle::Unknown));
    // Nor does it matter how long a page makes their queries.
    let long = |n: usize| (0..1_500).map(|part| format!("&amp;{n}x{part}=abcdefgh{n:02}")).collect::<String>();
    let hostile: String = (0..60).map(|n| format!("<a href='/{n}?{}'>{n}</a>", long(n))).collect();
    assert_eq!(first(&hostile), Step::Stop(Obstacle::Unknown));
}

#[test]
fn each_form_of_a_menu_is_sent_with_its_own_button() {
    let page = "<form method=post><input type=checkbox name=keep><button name=action value='otp::0'>App</button></form>\
        <form method=post><button name=action value=resend>Send again</button></form>";
    let Step::Choose(menu) = after("password", page) else { panic!("a menu") };
    let words: Vec<_> = menu.iter().map(|item| (item.value.as_str(), sent(&item.request))).collect();
    assert_eq!(words, [("otp::0", "action=otp::0".to_owned()), ("resend", "action=resend".to_owned())]);
}

#[test]
fn a_notice_is_left_by_its_button_unless_something_must_be_ticked() {
    let notice = |box_: &str| {
        format!(
            "<form method=post><input type=hidden name=t value=1><input type=checkbox name=seen {box_}><button>Continue</button></form>"
        )
    };
    assert!(matches!(after("password", &notice("")), Step::Submit(request) if sent(&request) == "t=1"));
    assert!(matches!(after("password", &notice("checked")), Step::Submit(request) if sent(&request) == "t=1 seen=on"));
    assert_eq!(after("password", &notice("required")), Step::Stop(Obstacle::TermsRequired));
    let cancel = "<form method=post><input type=checkbox name=seen><button name=cancel>Cancel</button></form>";
    assert_eq!(after("password", cancel), Step::Stop(Obstacle::Unknown));
}

#[test]
fn a_button_that_sends_another_code_is_not_the_one_that_leads_on() {
    for (resend, verify) in [
        ("name=resend value=1", "name=verify value=1"),
        ("name=action value=resend", "name=action value=verify"),
        ("name=a id=regenerateButton value=1", "name=b value=1"),
        ("name=action value=cancel", "name=action value=login"),
    ] {
        let page = format!(
            "<form method=post><input name=otp><button {resend}>Again</button><button {verify}>Go</button></form>"
        );
        let wanted = verify.replace("name=", "").replace(" value=", "=");
        assert_eq!(filled(after("password", &page)), format!("otp=123456 {wanted}"), "{resend}");
    }
    let token = "<form method=post><input name=user><input type=password name=p><button name=go value='aGJhY2s=back3'>Go</button></form>";
    assert_eq!(filled(first(token)), "user=alice p=secret go=aGJhY2s=back3", "letters of a token say nothing");
}

#[test]
fn forms_that_a_key_answers_are_not_sent_empty() {
    for page in [
        "<form id=verify-form method=post><input type=hidden id=verify-data name=signature><input type=hidden name=challenge><input type=hidden name=token value=t></form>",
        "<form id=verify-form method=post><input type=hidden name=token value=t><input type=hidden id=credential name=credential></form>",
        "<form id=u2fForm method=post><input type=hidden id=tokenResponse name=tokenResponse><input type=hidden name=execution value=e></form>",
        "<form method=post><input type=hidden name=client_data_json><input type=hidden name=authenticator_data></form>",
        "<form method=post><input type=hidden name=publicKeyCredential><input type=hidden name=csrf_token value=c><button type=button>Use key</button></form>",
    ] {
        let page = format!("{page}<script src=key.js></script>");
        assert_eq!(after("password", &page), Step::Stop(Obstacle::SecurityKey), "{page}");
    }
    let leads_on = "<form method=post><input type=hidden name=credential value=c></form><script>document.forms[0].submit()</script>";
    assert!(matches!(after("password", leads_on), Step::Submit(_)), "it is answered");
}

#[test]
fn what_there_is_only_one_of_is_no_choice() {
    let page = |numbers: &str| {
        format!(
            "<form method=post><select name=n><option value='-'>Choose{numbers}</select><button name=sms value=1>Text me</button><button name=call value=1>Call me</button></form>"
        )
    };
    let one = menu_of(after("password", &page("<option value=a selected>**12")));
    assert_eq!(one, [("Text me".to_owned(), "n=a sms=1".to_owned()), ("Call me".to_owned(), "n=a call=1".to_owned())]);
    let two = menu_of(after("password", &page("<option value=a>**12<option value=b>**34")));
    assert_eq!(two.iter().map(|(label, _)| label.as_str()).collect::<Vec<_>>(), ["**12", "**34"]);
}

#[test]
fn answers_and_letters_of_a_word_are_no_new_passwords() {
    let answers = "<form method=post><label for=a>Pet?</label><input id=a type=password name=answer1><input type=password name=answer2></form>";
    assert_eq!(filled(after("password", answers)), "answer1=other answer2=other");
    let letters = "<form method=post><label>3rd <input type=password name=c3 maxlength=1></label><label>5th <input type=password name=c5 maxlength=1></label></form>";
    let Step::Ask { questions, .. } = after("password", letters) else { panic!("questions") };
    assert_eq!(questions.iter().map(|it| it.label.as_str()).collect::<Vec<_>>(), ["3rd", "5th"]);
}

#[test]
fn a_password_makes_no_new_account() {
    let form = |action: &str| {
        format!("<form method=post action='{action}'><input name=email><input type=password name=password></form>")
    };
    let Step::Ask { form, .. } = first(&(form("/register") + &form("/login"))) else { panic!("a form") };
    assert_eq!(form.action.path(), "/login");
    let only =
        "<form method=post action='/u/signup-or-login'><input name=email><input type=password name=password></form>";
    assert_eq!(filled(first(only)), "email=alice password=secret", "where there is no other");
}

#[test]
fn pingids_devices_are_a_menu() {
    let page = "<form name=device-form method=post action=/device><ul class=device-list><li data-id=d1 class=selected><a>iPhone</a></li><li data-id=d2><a><b>Desk</b> phone</a></li></ul>\
        <input type=hidden id=deviceId name=deviceId value=''><input type=hidden name=csrfToken value=c></form><script src=devices.js></script>";
    let offered = menu_of(after("pf.pass", page));
    assert_eq!(
        offered,
        [
            ("iPhone".to_owned(), "deviceId=d1 csrfToken=c".to_owned()),
            ("Desk phone".to_owned(), "deviceId=d2 csrfToken=c".to_owned())
        ]
    );
}

#[test]
fn a_report_or_a_search_is_no_sign_in() {
    let report = "<title>State information lost</title><h1>State information lost</h1><form method=post action=/errorreport>\
        <input type=text name=email value=''><textarea name=text></textarea><input type=hidden name=reportId value=1><input type=submit name=send value='Send report'></form>";
    assert_eq!(first(report), Step::Stop(Obstacle::Unknown));
    assert_eq!(after("password", report), Step::Stop(Obstacle::Unknown));
    let hidden = "<form method=post><input name=user><input type=password name=p><textarea name=x style='display:none'></textarea></form>";
    assert_eq!(filled(first(hidden)), "user=alice p=secret x=");
    let search =
        "<form id=search-box><input type=search name=keys><button>Search</button></form><form><input name=s></form>";
    assert_eq!(first(search), Step::Stop(Obstacle::Unknown));
}

#[test]
fn what_a_page_says_in_several_lines_has_spaces_between() {
    let page = "<div class='message-box error'><h2>Unhandled exception</h2><p>Something<br>was thrown.</p></div>";
    assert_eq!(says(page).as_deref(), Some("Unhandled exception Something was thrown."));
}

#[test]
fn lemonldaps_tabs_are_a_choice_of_forms() {
    let form = |key: &str, more: &str| {
        format!(
            "<form method=post action='#'><input type=hidden name=lmAuth value={key}>{more}<button>Connect</button></form>"
        )
    };
    let password = "<input name=user><input type=password name=password>";
    let tabs = "<ul><li><a href='#a'>Directory</a><li><a href='#b'>Partners</a></ul>";
    let ways = |html: &str| match first(html) {
        Step::Which(ways) => ways.into_iter().map(|way| (way.name, way.label)).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let two = form("1_LDAP", password) + &form("2_SAML", "");
    let named =
        |label: [&str; 2]| vec![("1_LDAP".to_owned(), label[0].to_owned()), ("2_SAML".to_owned(), label[1].to_owned())];
    assert_eq!(ways(&format!("{tabs}{two}")), named(["Directory", "Partners"]));
    assert_eq!(
        ways(&format!("<a href='#top'>Up</a>{two}")),
        named(["LDAP", "SAML"]),
        "links of another number are none"
    );
    assert_eq!(filled(first(&form("1_LDAP", password))), "lmAuth=1_LDAP user=alice password=secret");
}

#[test]
fn what_lemonldap_wants_accepted_is_not_left_unticked() {
    let notice = |boxes: &str| {
        format!(
            "<form action=/notifback method=post><input type=hidden name=reference1x1 value=terms>{boxes}\
             <button type=submit>Accept</button></form>"
        )
    };
    let terms = notice("<input type=checkbox name=check1x1x1 value=accepted><label>I have read it</label>");
    assert_eq!(after("password", &terms), Step::Stop(Obstacle::TermsRequired));
    assert!(matches!(after("password", &notice("")), Step::Submit(_)), "a notice is only read");
}
