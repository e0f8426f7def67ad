use super::stage::*;
use super::*;

fn page(html: &str) -> Page {
    Page::parse(html, &Url::parse("https://sts.example/adfs/ls/?x=1").unwrap()).unwrap()
}

const OPTIONS: &str = "<form id=options method=post action='/adfs/ls/?client=1'><input id=optionSelection type=hidden name=AuthMethod></form>";

fn body(form: &Form) -> String {
    form.submitted(&[]).body.map(|(_, body)| body.expose().to_owned()).unwrap_or_default()
}

#[test]
fn the_sign_in_page_is_told_from_the_form_of_options_beside_it() {
    let html = format!(
        "<form id=loginForm method=post><input name=UserName type=email><input name=Password type=password><input type=checkbox name=Kmsi value=true><input type=hidden name=AuthMethod value=FormsAuthentication></form>{OPTIONS}"
    );
    let Some(Stage::Password(form)) = stage(&page(&html)) else { panic!("{:?}", stage(&page(&html))) };
    assert_eq!(form.id, "loginForm");
}

#[test]
fn a_second_step_goes_to_the_options_address_with_each_field_once() {
    let html = format!(
        "<form id=loginForm method=post action=/wrong><input id=authMethod type=hidden name=AuthMethod value=SafeNet-MFA><input type=hidden name=AuthMethod value=SafeNet-MFA><input id=context type=hidden name=Context value=c1></form>{OPTIONS}"
    );
    let Some(Stage::Second(method, form)) = stage(&page(&html)) else { panic!("{:?}", stage(&page(&html))) };
    assert_eq!(method, "SafeNet-MFA");
    assert_eq!(form.action.as_str(), "https://sts.example/adfs/ls/?client=1");
    assert_eq!(body(&form), "Context=c1&AuthMethod=SafeNet-MFA");
}

#[test]
fn the_choice_of_a_second_step_is_read_from_what_its_script_is_called_with() {
    let html = format!(
        "{OPTIONS}<a href='#' onclick=\"SelectOption('AzureMfaAuthentication')\">Verify by app</a><div onclick='javascript:SelectOption(\"DuoAdfsAdapter\");return false'>Duo</div><a onclick='other()'>x</a>"
    );
    let Some(Stage::Choose(form, methods)) = stage(&page(&html)) else { panic!("{:?}", stage(&page(&html))) };
    assert_eq!(form.id, "options");
    let methods: Vec<_> = methods.iter().map(|it| (it.name.as_str(), it.label.as_str())).collect();
    assert_eq!(methods, [("AzureMfaAuthentication", "Verify by app"), ("DuoAdfsAdapter", "Duo")]);
}

#[test]
fn an_address_that_names_no_application_is_completed() {
    let aws = "https://sts.example/adfs/ls/IdpInitiatedSignOn.aspx?loginToRp=urn:amazon:webservices";
    let completed = |url: &str, gov| application(&Url::parse(url).unwrap(), gov).to_string();
    for url in [
        "https://sts.example/adfs",
        "https://sts.example/adfs/ls/",
        "https://sts.example/adfs/ls/idpinitiatedsignon",
        aws,
    ] {
        assert_eq!(completed(url, false), aws);
    }
    assert_eq!(completed("https://sts.example/adfs", true), format!("{aws}:govcloud"));
    let other = "https://sts.example/adfs/ls/?wa=wsignin1.0";
    assert_eq!(completed(other, false), other);
}

#[test]
fn adapters_are_known_by_their_method() {
    assert_eq!(way("AzureMfaAuthentication"), Way::Approval);
    assert_eq!(way("VIPAuthenticationProviderWindowsAccountName"), Way::Code("security_code"));
    assert_eq!(way("SecurIDv2Authentication"), Way::EmptyFirst("Passcode"));
    assert_eq!(way("SomebodysAdapter"), Way::Code("OathCode"));
    assert_eq!(way("DuoAdfsAdapter"), Way::Impossible("Duo"));
}

#[test]
fn a_real_sign_in_page_is_classified() {
    let Some(folder) = crate::signin::saml::tests::fixtures() else { return };
    let text = std::fs::read_to_string(folder.join("adfs/loginpage.html")).unwrap();
    assert!(matches!(stage(&page(&text)), Some(Stage::Password(form)) if form.id == "loginForm"));
}
