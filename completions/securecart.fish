# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_securecart_global_optspecs
    string join \n p/profile= keychain= region= q/quiet v/verbose h/help V/version
end

function __fish_securecart_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_securecart_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_securecart_using_subcommand
    set -l cmd (__fish_securecart_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c securecart -n "__fish_securecart_needs_command" -s p -l profile -d 'The profile to use, instead of the default one' -r
complete -c securecart -n "__fish_securecart_needs_command" -l keychain -d 'Where to keep what is kept, instead of what the profile says' -r -f -a "auto\t'The desktop\'s keychain, else the kernel\'s; never a plain file'
keychain\t'macOS Keychain, Windows Credential Manager or a Secret Service'
keyutils\t'The Linux kernel\'s keyring: in memory, gone at reboot'
file\t'Files encrypted with a passphrase (age)'
memory\t'Nothing is kept beyond this command'"
complete -c securecart -n "__fish_securecart_needs_command" -l region -d 'The region of STS and the bucket, instead of the profile\'s' -r
complete -c securecart -n "__fish_securecart_needs_command" -s q -l quiet -d 'Say nothing but data, warnings and errors'
complete -c securecart -n "__fish_securecart_needs_command" -s v -l verbose -d 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
complete -c securecart -n "__fish_securecart_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c securecart -n "__fish_securecart_needs_command" -s V -l version -d 'Print version'
complete -c securecart -n "__fish_securecart_needs_command" -f -a "configure" -d 'Set up a profile: sign-in, bucket, and the entry in ~/.aws/config'
complete -c securecart -n "__fish_securecart_needs_command" -f -a "login" -d 'Sign in'
complete -c securecart -n "__fish_securecart_needs_command" -f -a "status" -d 'Show every profile: who is signed in, which role, until when, which folder'
complete -c securecart -n "__fish_securecart_needs_command" -f -a "whoami" -d 'Ask AWS who you are'
complete -c securecart -n "__fish_securecart_needs_command" -f -a "accounts" -d 'List the accounts you may use'
complete -c securecart -n "__fish_securecart_needs_command" -f -a "roles" -d 'List the roles you may assume, in every account'
complete -c securecart -n "__fish_securecart_needs_command" -f -a "credential-process" -d 'Print credentials for an AWS tool: what ~/.aws/config calls'
complete -c securecart -n "__fish_securecart_needs_command" -f -a "exec" -d 'Run a command with your credentials'
complete -c securecart -n "__fish_securecart_needs_command" -f -a "env" -d 'Print your credentials as environment variables'
complete -c securecart -n "__fish_securecart_needs_command" -f -a "console" -d 'Open the AWS console, signed in with your credentials'
complete -c securecart -n "__fish_securecart_needs_command" -f -a "broker-token" -d 'Make a session for somebody else, limited to their own folder'
complete -c securecart -n "__fish_securecart_needs_command" -f -a "ls" -d 'List your folder'
complete -c securecart -n "__fish_securecart_needs_command" -f -a "get" -d 'Download from your folder'
complete -c securecart -n "__fish_securecart_needs_command" -f -a "put" -d 'Upload to your folder'
complete -c securecart -n "__fish_securecart_needs_command" -f -a "rm" -d 'Remove from your folder'
complete -c securecart -n "__fish_securecart_needs_command" -f -a "doctor" -d 'Check everything this program needs, and say what is wrong and who can fix it'
complete -c securecart -n "__fish_securecart_needs_command" -f -a "logout" -d 'Sign out: forget what is kept, and end the session at the portal'
complete -c securecart -n "__fish_securecart_needs_command" -f -a "completions" -d 'Print a completion script for a shell'
complete -c securecart -n "__fish_securecart_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l method -d 'How you sign in; told by the URL that is given' -r -f -a "sso\t'IAM Identity Center'
saml\t'A SAML provider: Okta, and others whose sign-in is made of forms'
browser\t'Any SAML provider, in your own Chrome, Edge or Chromium'
oidc\t'An OpenID Connect provider, for people or for CI jobs'
role\t'A role, assumed with another profile\'s credentials'
aws\t'What the machine, or a profile in ~/.aws, has'"
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l start-url -d 'Your organisation\'s access portal, such as `https://example.awsapps.com/start`' -r
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l sso-region -d 'The region of IAM Identity Center, when the portal\'s URL doesn\'t name it' -r
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l account-id -d 'The account to use; otherwise `login` lets you choose' -r
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l role-name -d 'The permission set to use; otherwise `login` lets you choose' -r
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l url -d 'The address that starts the AWS application at your SAML provider' -r
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l provider -d 'Which product the SAML provider is; told by the URL of Okta, ADFS, OneLogin and Keycloak' -r -f -a "auto\t'Told by the provider\'s pages'
okta\t'Okta, either pipeline'
adfs\t'Active Directory Federation Services'
onelogin\t'OneLogin, through its API'
keycloak\t'Keycloak'
form\t'Forms, whatever the product'"
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l client-id -d 'The client at the OpenID Connect provider, of OneLogin\'s API, or of Okta\'s device grant' -r
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l app-id -d 'The AWS application\'s id at OneLogin, or at Okta for its device grant' -r
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l username -d 'The name to sign in with at the SAML provider; otherwise `login` asks' -r
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l mfa -d 'The second factor to take at the SAML provider: part of what it calls it' -r
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l issuer -d 'The OpenID Connect provider where you sign in: its address up to `/.well-known/openid-configuration`' -r
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l token-file -d 'For a job: the file that holds its ID token' -r
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l token-env -d 'For a job: the environment variable that holds its ID token' -r
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l role-arn -d 'The role to use, where its account and name don\'t tell it' -r
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l session-duration -d 'How long credentials for an assertion or ID token should last, as `8h` or `90m`' -r
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l source -d 'Assume the role of `--role-arn` with the credentials of this other profile' -r
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l external-id -d 'The external id that the role\'s owner agreed on with you' -r
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l role-session-name -d 'The name of the role\'s session, which is half of your folder\'s name [default: the source\'s own]' -r
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l from-aws-profile -d 'Take the credentials of a profile in ~/.aws: the key `aws_profile`' -r
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l credential-source -d 'Take the credentials that this machine or job has' -r -f -a "Environment\t'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'
EcsContainer\t'ECS, EKS and whatever else has a container endpoint'
Ec2InstanceMetadata\t'An EC2 instance\'s role'"
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l mfa-serial -d 'The MFA device of the IAM user, whose code `login` asks for' -r
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l mfa-command -d 'The program that prints the device\'s code, with its arguments: everything behind it, so give it last' -r
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l source-identity -d 'Who is behind the session, which every role of a chain keeps' -r
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l session-tag -d 'A session tag; again for each, and together they replace those that the profile has' -r
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l transitive-tag -d 'The key of a session tag that later roles of a chain keep; again for each, likewise' -r
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l policy-arn -d 'A managed policy that limits the session; again for each, likewise' -r
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l policy -d 'A policy that limits the session, as in `--policy "$(cat policy.json)"`' -r
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l auto-login -d 'Let the first of any parallel AWS commands open the browser when the session has ended' -r -f -a "true\t''
false\t''"
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l import -d 'Take settings from a profile or sso-session in ~/.aws/config' -r
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l bucket -d 'The bucket your folder is in' -r
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l folder -d 'Your folder\'s name, with variables in quotes [default: \'${aws:userid}/\']' -r
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l encryption -d 'How uploads are encrypted' -r -f -a "none\t'What the bucket does by itself'
AES256\t'SSE-S3'
aws:kms\t'SSE-KMS'"
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l kms-key-id -d 'The KMS key that uploads are encrypted with: its id, alias or ARN' -r
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l endpoint-url -d 'One endpoint for every service, for a test environment' -r
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l aws-profile -d 'The profile\'s name in ~/.aws/config [default: the same]' -r
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l name-template -d 'How to name them, of {account_name}, {account_id} and {role_name} [default: \'{account_name}-{role_name}\']' -r
complete -c securecart -n "__fish_securecart_using_subcommand configure" -s p -l profile -d 'The profile to use, instead of the default one' -r
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l keychain -d 'Where to keep what is kept, instead of what the profile says' -r -f -a "auto\t'The desktop\'s keychain, else the kernel\'s; never a plain file'
keychain\t'macOS Keychain, Windows Credential Manager or a Secret Service'
keyutils\t'The Linux kernel\'s keyring: in memory, gone at reboot'
file\t'Files encrypted with a passphrase (age)'
memory\t'Nothing is kept beyond this command'"
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l region -d 'The region of STS and the bucket, instead of the profile\'s' -r
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l no-aws-config -d 'Leave ~/.aws/config alone'
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l set-default -d 'Use this profile when none is named'
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l force -d 'Turn settings in ~/.aws/config that would win over securecart into comments'
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l json -d 'Print what was written as one JSON document'
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l all -d 'Write a profile for every role you may assume, with the settings of the profile you are signed in to'
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l prune -d 'Remove profiles that an earlier --all wrote and that are stale: not yours any more, or named otherwise now'
complete -c securecart -n "__fish_securecart_using_subcommand configure" -l dry-run -d 'Say what would be written and removed, and do nothing'
complete -c securecart -n "__fish_securecart_using_subcommand configure" -s q -l quiet -d 'Say nothing but data, warnings and errors'
complete -c securecart -n "__fish_securecart_using_subcommand configure" -s v -l verbose -d 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
complete -c securecart -n "__fish_securecart_using_subcommand configure" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c securecart -n "__fish_securecart_using_subcommand login" -l account-id -d 'The account, where the profile names none' -r
complete -c securecart -n "__fish_securecart_using_subcommand login" -l role-name -d 'The permission set, where the profile names none' -r
complete -c securecart -n "__fish_securecart_using_subcommand login" -l username -d 'The name to sign in with, where the profile names none' -r
complete -c securecart -n "__fish_securecart_using_subcommand login" -l password-fd -d 'Read the password from the first line of a file descriptor' -r
complete -c securecart -n "__fish_securecart_using_subcommand login" -l mfa -d 'The second factor to take where there are several: part of what the provider calls it' -r
complete -c securecart -n "__fish_securecart_using_subcommand login" -l client-secret-fd -d 'Read the secret of the provider\'s API client from the first line of a file descriptor; it is kept in the keychain' -r
complete -c securecart -n "__fish_securecart_using_subcommand login" -s p -l profile -d 'The profile to use, instead of the default one' -r
complete -c securecart -n "__fish_securecart_using_subcommand login" -l keychain -d 'Where to keep what is kept, instead of what the profile says' -r -f -a "auto\t'The desktop\'s keychain, else the kernel\'s; never a plain file'
keychain\t'macOS Keychain, Windows Credential Manager or a Secret Service'
keyutils\t'The Linux kernel\'s keyring: in memory, gone at reboot'
file\t'Files encrypted with a passphrase (age)'
memory\t'Nothing is kept beyond this command'"
complete -c securecart -n "__fish_securecart_using_subcommand login" -l region -d 'The region of STS and the bucket, instead of the profile\'s' -r
complete -c securecart -n "__fish_securecart_using_subcommand login" -l device-code -d 'Sign in with a code that is entered in a browser anywhere'
complete -c securecart -n "__fish_securecart_using_subcommand login" -l no-browser -d 'Print the address instead of opening the browser'
complete -c securecart -n "__fish_securecart_using_subcommand login" -l browser -d 'Sign in to a SAML provider in your own Chrome, Edge or Chromium: for security keys, passkeys, and what else no terminal can do'
complete -c securecart -n "__fish_securecart_using_subcommand login" -l force -d 'Sign in anew, even if the session still lives'
complete -c securecart -n "__fish_securecart_using_subcommand login" -l choose -d 'Choose the account and role again'
complete -c securecart -n "__fish_securecart_using_subcommand login" -l export-sso-token -d 'Also put the access token where the AWS CLI and SDKs look for their own, in ~/.aws/sso/cache, unencrypted'
complete -c securecart -n "__fish_securecart_using_subcommand login" -s q -l quiet -d 'Say nothing but data, warnings and errors'
complete -c securecart -n "__fish_securecart_using_subcommand login" -s v -l verbose -d 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
complete -c securecart -n "__fish_securecart_using_subcommand login" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c securecart -n "__fish_securecart_using_subcommand status" -s p -l profile -d 'The profile to use, instead of the default one' -r
complete -c securecart -n "__fish_securecart_using_subcommand status" -l keychain -d 'Where to keep what is kept, instead of what the profile says' -r -f -a "auto\t'The desktop\'s keychain, else the kernel\'s; never a plain file'
keychain\t'macOS Keychain, Windows Credential Manager or a Secret Service'
keyutils\t'The Linux kernel\'s keyring: in memory, gone at reboot'
file\t'Files encrypted with a passphrase (age)'
memory\t'Nothing is kept beyond this command'"
complete -c securecart -n "__fish_securecart_using_subcommand status" -l region -d 'The region of STS and the bucket, instead of the profile\'s' -r
complete -c securecart -n "__fish_securecart_using_subcommand status" -l json -d 'One JSON object a line, one line a profile'
complete -c securecart -n "__fish_securecart_using_subcommand status" -s q -l quiet -d 'Say nothing but data, warnings and errors'
complete -c securecart -n "__fish_securecart_using_subcommand status" -s v -l verbose -d 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
complete -c securecart -n "__fish_securecart_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c securecart -n "__fish_securecart_using_subcommand whoami" -s p -l profile -d 'The profile to use, instead of the default one' -r
complete -c securecart -n "__fish_securecart_using_subcommand whoami" -l keychain -d 'Where to keep what is kept, instead of what the profile says' -r -f -a "auto\t'The desktop\'s keychain, else the kernel\'s; never a plain file'
keychain\t'macOS Keychain, Windows Credential Manager or a Secret Service'
keyutils\t'The Linux kernel\'s keyring: in memory, gone at reboot'
file\t'Files encrypted with a passphrase (age)'
memory\t'Nothing is kept beyond this command'"
complete -c securecart -n "__fish_securecart_using_subcommand whoami" -l region -d 'The region of STS and the bucket, instead of the profile\'s' -r
complete -c securecart -n "__fish_securecart_using_subcommand whoami" -l json -d 'One JSON object'
complete -c securecart -n "__fish_securecart_using_subcommand whoami" -s q -l quiet -d 'Say nothing but data, warnings and errors'
complete -c securecart -n "__fish_securecart_using_subcommand whoami" -s v -l verbose -d 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
complete -c securecart -n "__fish_securecart_using_subcommand whoami" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c securecart -n "__fish_securecart_using_subcommand accounts" -s p -l profile -d 'The profile to use, instead of the default one' -r
complete -c securecart -n "__fish_securecart_using_subcommand accounts" -l keychain -d 'Where to keep what is kept, instead of what the profile says' -r -f -a "auto\t'The desktop\'s keychain, else the kernel\'s; never a plain file'
keychain\t'macOS Keychain, Windows Credential Manager or a Secret Service'
keyutils\t'The Linux kernel\'s keyring: in memory, gone at reboot'
file\t'Files encrypted with a passphrase (age)'
memory\t'Nothing is kept beyond this command'"
complete -c securecart -n "__fish_securecart_using_subcommand accounts" -l region -d 'The region of STS and the bucket, instead of the profile\'s' -r
complete -c securecart -n "__fish_securecart_using_subcommand accounts" -l json -d 'One JSON object a line, one line an account'
complete -c securecart -n "__fish_securecart_using_subcommand accounts" -s q -l quiet -d 'Say nothing but data, warnings and errors'
complete -c securecart -n "__fish_securecart_using_subcommand accounts" -s v -l verbose -d 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
complete -c securecart -n "__fish_securecart_using_subcommand accounts" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c securecart -n "__fish_securecart_using_subcommand roles" -l account-id -d 'Only those in this account' -r
complete -c securecart -n "__fish_securecart_using_subcommand roles" -s p -l profile -d 'The profile to use, instead of the default one' -r
complete -c securecart -n "__fish_securecart_using_subcommand roles" -l keychain -d 'Where to keep what is kept, instead of what the profile says' -r -f -a "auto\t'The desktop\'s keychain, else the kernel\'s; never a plain file'
keychain\t'macOS Keychain, Windows Credential Manager or a Secret Service'
keyutils\t'The Linux kernel\'s keyring: in memory, gone at reboot'
file\t'Files encrypted with a passphrase (age)'
memory\t'Nothing is kept beyond this command'"
complete -c securecart -n "__fish_securecart_using_subcommand roles" -l region -d 'The region of STS and the bucket, instead of the profile\'s' -r
complete -c securecart -n "__fish_securecart_using_subcommand roles" -l json -d 'One JSON object a line, one line a role'
complete -c securecart -n "__fish_securecart_using_subcommand roles" -s q -l quiet -d 'Say nothing but data, warnings and errors'
complete -c securecart -n "__fish_securecart_using_subcommand roles" -s v -l verbose -d 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
complete -c securecart -n "__fish_securecart_using_subcommand roles" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c securecart -n "__fish_securecart_using_subcommand credential-process" -s p -l profile -d 'The profile to use, instead of the default one' -r
complete -c securecart -n "__fish_securecart_using_subcommand credential-process" -l keychain -d 'Where to keep what is kept, instead of what the profile says' -r -f -a "auto\t'The desktop\'s keychain, else the kernel\'s; never a plain file'
keychain\t'macOS Keychain, Windows Credential Manager or a Secret Service'
keyutils\t'The Linux kernel\'s keyring: in memory, gone at reboot'
file\t'Files encrypted with a passphrase (age)'
memory\t'Nothing is kept beyond this command'"
complete -c securecart -n "__fish_securecart_using_subcommand credential-process" -l region -d 'The region of STS and the bucket, instead of the profile\'s' -r
complete -c securecart -n "__fish_securecart_using_subcommand credential-process" -s q -l quiet -d 'Say nothing but data, warnings and errors'
complete -c securecart -n "__fish_securecart_using_subcommand credential-process" -s v -l verbose -d 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
complete -c securecart -n "__fish_securecart_using_subcommand credential-process" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c securecart -n "__fish_securecart_using_subcommand exec" -s p -l profile -d 'The profile to use, instead of the default one' -r
complete -c securecart -n "__fish_securecart_using_subcommand exec" -l keychain -d 'Where to keep what is kept, instead of what the profile says' -r -f -a "auto\t'The desktop\'s keychain, else the kernel\'s; never a plain file'
keychain\t'macOS Keychain, Windows Credential Manager or a Secret Service'
keyutils\t'The Linux kernel\'s keyring: in memory, gone at reboot'
file\t'Files encrypted with a passphrase (age)'
memory\t'Nothing is kept beyond this command'"
complete -c securecart -n "__fish_securecart_using_subcommand exec" -l region -d 'The region of STS and the bucket, instead of the profile\'s' -r
complete -c securecart -n "__fish_securecart_using_subcommand exec" -l serve -d 'Serve the credentials on 127.0.0.1, renewed as long as the command runs'
complete -c securecart -n "__fish_securecart_using_subcommand exec" -s q -l quiet -d 'Say nothing but data, warnings and errors'
complete -c securecart -n "__fish_securecart_using_subcommand exec" -s v -l verbose -d 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
complete -c securecart -n "__fish_securecart_using_subcommand exec" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c securecart -n "__fish_securecart_using_subcommand env" -s s -l shell -d 'What the lines are for [default: what $SHELL names]' -r -f -a "bash\t'bash, and any other POSIX shell'
zsh\t'zsh'
fish\t'fish'
powershell\t'PowerShell'
cmd\t'Windows\' cmd.exe'
nushell\t'Nushell: a JSON record for load-env'
dotenv\t'A file of NAME=value lines, as Docker and dotenv libraries read it'
json\t'One JSON object'
github-actions\t'Later steps of a GitHub Actions job, masked in its log'"
complete -c securecart -n "__fish_securecart_using_subcommand env" -s p -l profile -d 'The profile to use, instead of the default one' -r
complete -c securecart -n "__fish_securecart_using_subcommand env" -l keychain -d 'Where to keep what is kept, instead of what the profile says' -r -f -a "auto\t'The desktop\'s keychain, else the kernel\'s; never a plain file'
keychain\t'macOS Keychain, Windows Credential Manager or a Secret Service'
keyutils\t'The Linux kernel\'s keyring: in memory, gone at reboot'
file\t'Files encrypted with a passphrase (age)'
memory\t'Nothing is kept beyond this command'"
complete -c securecart -n "__fish_securecart_using_subcommand env" -l region -d 'The region of STS and the bucket, instead of the profile\'s' -r
complete -c securecart -n "__fish_securecart_using_subcommand env" -l unset -d 'Print the lines that take the variables out again'
complete -c securecart -n "__fish_securecart_using_subcommand env" -s q -l quiet -d 'Say nothing but data, warnings and errors'
complete -c securecart -n "__fish_securecart_using_subcommand env" -s v -l verbose -d 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
complete -c securecart -n "__fish_securecart_using_subcommand env" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c securecart -n "__fish_securecart_using_subcommand console" -s d -l destination -d 'Where to arrive: a service such as `s3`, or a URL of the console' -r
complete -c securecart -n "__fish_securecart_using_subcommand console" -l duration -d 'How long the console\'s session lasts: 15m to 12h' -r
complete -c securecart -n "__fish_securecart_using_subcommand console" -s p -l profile -d 'The profile to use, instead of the default one' -r
complete -c securecart -n "__fish_securecart_using_subcommand console" -l keychain -d 'Where to keep what is kept, instead of what the profile says' -r -f -a "auto\t'The desktop\'s keychain, else the kernel\'s; never a plain file'
keychain\t'macOS Keychain, Windows Credential Manager or a Secret Service'
keyutils\t'The Linux kernel\'s keyring: in memory, gone at reboot'
file\t'Files encrypted with a passphrase (age)'
memory\t'Nothing is kept beyond this command'"
complete -c securecart -n "__fish_securecart_using_subcommand console" -l region -d 'The region of STS and the bucket, instead of the profile\'s' -r
complete -c securecart -n "__fish_securecart_using_subcommand console" -l open -d 'Open the browser, even where none seems to be'
complete -c securecart -n "__fish_securecart_using_subcommand console" -l print -d 'Print the address instead of opening it'
complete -c securecart -n "__fish_securecart_using_subcommand console" -s q -l quiet -d 'Say nothing but data, warnings and errors'
complete -c securecart -n "__fish_securecart_using_subcommand console" -s v -l verbose -d 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
complete -c securecart -n "__fish_securecart_using_subcommand console" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c securecart -n "__fish_securecart_using_subcommand broker-token" -l name -d 'Whose session: 2 to 32 letters, digits and `_+=,.@-`' -r
complete -c securecart -n "__fish_securecart_using_subcommand broker-token" -l duration -d 'How long it lasts: 15m to 36h [default: 12h]' -r
complete -c securecart -n "__fish_securecart_using_subcommand broker-token" -s s -l shell -d 'What the lines are for [default: what $SHELL names]' -r -f -a "bash\t'bash, and any other POSIX shell'
zsh\t'zsh'
fish\t'fish'
powershell\t'PowerShell'
cmd\t'Windows\' cmd.exe'
nushell\t'Nushell: a JSON record for load-env'
dotenv\t'A file of NAME=value lines, as Docker and dotenv libraries read it'
json\t'One JSON object'
github-actions\t'Later steps of a GitHub Actions job, masked in its log'"
complete -c securecart -n "__fish_securecart_using_subcommand broker-token" -s p -l profile -d 'The profile to use, instead of the default one' -r
complete -c securecart -n "__fish_securecart_using_subcommand broker-token" -l keychain -d 'Where to keep what is kept, instead of what the profile says' -r -f -a "auto\t'The desktop\'s keychain, else the kernel\'s; never a plain file'
keychain\t'macOS Keychain, Windows Credential Manager or a Secret Service'
keyutils\t'The Linux kernel\'s keyring: in memory, gone at reboot'
file\t'Files encrypted with a passphrase (age)'
memory\t'Nothing is kept beyond this command'"
complete -c securecart -n "__fish_securecart_using_subcommand broker-token" -l region -d 'The region of STS and the bucket, instead of the profile\'s' -r
complete -c securecart -n "__fish_securecart_using_subcommand broker-token" -l json -d 'One JSON document of version 1, as a `credential_process` prints it'
complete -c securecart -n "__fish_securecart_using_subcommand broker-token" -s q -l quiet -d 'Say nothing but data, warnings and errors'
complete -c securecart -n "__fish_securecart_using_subcommand broker-token" -s v -l verbose -d 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
complete -c securecart -n "__fish_securecart_using_subcommand broker-token" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c securecart -n "__fish_securecart_using_subcommand ls" -s p -l profile -d 'The profile to use, instead of the default one' -r
complete -c securecart -n "__fish_securecart_using_subcommand ls" -l keychain -d 'Where to keep what is kept, instead of what the profile says' -r -f -a "auto\t'The desktop\'s keychain, else the kernel\'s; never a plain file'
keychain\t'macOS Keychain, Windows Credential Manager or a Secret Service'
keyutils\t'The Linux kernel\'s keyring: in memory, gone at reboot'
file\t'Files encrypted with a passphrase (age)'
memory\t'Nothing is kept beyond this command'"
complete -c securecart -n "__fish_securecart_using_subcommand ls" -l region -d 'The region of STS and the bucket, instead of the profile\'s' -r
complete -c securecart -n "__fish_securecart_using_subcommand ls" -s r -l recursive -d 'Everything below, not only the next level'
complete -c securecart -n "__fish_securecart_using_subcommand ls" -l versions -d 'All versions and delete markers, where the bucket has versioning; needs `s3:ListBucketVersions`'
complete -c securecart -n "__fish_securecart_using_subcommand ls" -l json -d 'One JSON object a line'
complete -c securecart -n "__fish_securecart_using_subcommand ls" -l literal -d 'Take each path as the exact key behind your folder\'s prefix, even `../x` or `/x`'
complete -c securecart -n "__fish_securecart_using_subcommand ls" -s q -l quiet -d 'Say nothing but data, warnings and errors'
complete -c securecart -n "__fish_securecart_using_subcommand ls" -s v -l verbose -d 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
complete -c securecart -n "__fish_securecart_using_subcommand ls" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c securecart -n "__fish_securecart_using_subcommand get" -l version-id -d 'This version of one object, as `ls --versions` shows it; needs `s3:GetObjectVersion`' -r
complete -c securecart -n "__fish_securecart_using_subcommand get" -s j -l jobs -d 'How many requests run at once, however slow the line; without it, 64 or what the line can use' -r
complete -c securecart -n "__fish_securecart_using_subcommand get" -l limit-rate -d 'Bytes a second at most, all transfers together, such as 500K or 20M' -r
complete -c securecart -n "__fish_securecart_using_subcommand get" -l include -d 'Only files that match; may be given several times' -r
complete -c securecart -n "__fish_securecart_using_subcommand get" -l exclude -d 'No files that match, even if an --include does; may be given several times' -r
complete -c securecart -n "__fish_securecart_using_subcommand get" -l newer -d 'Only files modified after a date (2026-01-31, 2026-01-31T12:00:00Z) or within an age (90m, 12h, 7d, 2w)' -r
complete -c securecart -n "__fish_securecart_using_subcommand get" -l part-size -d 'What one request fetches of a large object, from 5M to 5G; 8M when absent' -r
complete -c securecart -n "__fish_securecart_using_subcommand get" -s p -l profile -d 'The profile to use, instead of the default one' -r
complete -c securecart -n "__fish_securecart_using_subcommand get" -l keychain -d 'Where to keep what is kept, instead of what the profile says' -r -f -a "auto\t'The desktop\'s keychain, else the kernel\'s; never a plain file'
keychain\t'macOS Keychain, Windows Credential Manager or a Secret Service'
keyutils\t'The Linux kernel\'s keyring: in memory, gone at reboot'
file\t'Files encrypted with a passphrase (age)'
memory\t'Nothing is kept beyond this command'"
complete -c securecart -n "__fish_securecart_using_subcommand get" -l region -d 'The region of STS and the bucket, instead of the profile\'s' -r
complete -c securecart -n "__fish_securecart_using_subcommand get" -l dry-run -d 'Say what would be done, and do nothing'
complete -c securecart -n "__fish_securecart_using_subcommand get" -l json -d 'One JSON object a line'
complete -c securecart -n "__fish_securecart_using_subcommand get" -l delete -d 'Delete files at the destination that the source doesn\'t have; asks first'
complete -c securecart -n "__fish_securecart_using_subcommand get" -s y -l yes -d 'Delete without asking'
complete -c securecart -n "__fish_securecart_using_subcommand get" -l force -d 'Transfer also what is there already and equal'
complete -c securecart -n "__fish_securecart_using_subcommand get" -l size-only -d 'Files of the same size are equal, whatever is in them'
complete -c securecart -n "__fish_securecart_using_subcommand get" -s r -l recursive -d 'Whole folders; `docs` arrives as DST/docs, what is in `docs/` arrives in DST'
complete -c securecart -n "__fish_securecart_using_subcommand get" -s n -l no-clobber -d 'Leave files that exist as they are'
complete -c securecart -n "__fish_securecart_using_subcommand get" -l literal -d 'Take each SRC as the exact key behind your folder\'s prefix, even `../x` or `/x`'
complete -c securecart -n "__fish_securecart_using_subcommand get" -s q -l quiet -d 'Say nothing but data, warnings and errors'
complete -c securecart -n "__fish_securecart_using_subcommand get" -s v -l verbose -d 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
complete -c securecart -n "__fish_securecart_using_subcommand get" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c securecart -n "__fish_securecart_using_subcommand put" -s j -l jobs -d 'How many requests run at once, however slow the line; without it, 64 or what the line can use' -r
complete -c securecart -n "__fish_securecart_using_subcommand put" -l limit-rate -d 'Bytes a second at most, all transfers together, such as 500K or 20M' -r
complete -c securecart -n "__fish_securecart_using_subcommand put" -l include -d 'Only files that match; may be given several times' -r
complete -c securecart -n "__fish_securecart_using_subcommand put" -l exclude -d 'No files that match, even if an --include does; may be given several times' -r
complete -c securecart -n "__fish_securecart_using_subcommand put" -l newer -d 'Only files modified after a date (2026-01-31, 2026-01-31T12:00:00Z) or within an age (90m, 12h, 7d, 2w)' -r
complete -c securecart -n "__fish_securecart_using_subcommand put" -l content-type -d 'The content type of all files; guessed from each name when absent' -r
complete -c securecart -n "__fish_securecart_using_subcommand put" -l storage-class -d 'The storage class of all files, such as STANDARD_IA; the bucket\'s usual one when absent' -r
complete -c securecart -n "__fish_securecart_using_subcommand put" -l metadata -d 'Metadata of all files; may be given several times' -r
complete -c securecart -n "__fish_securecart_using_subcommand put" -l tag -d 'A tag of all files, which needs `s3:PutObjectTagging`; may be given several times' -r
complete -c securecart -n "__fish_securecart_using_subcommand put" -l encryption -d 'Server-side encryption; the profile\'s when absent' -r -f -a "none\t'What the bucket does by itself'
AES256\t'SSE-S3'
aws:kms\t'SSE-KMS'"
complete -c securecart -n "__fish_securecart_using_subcommand put" -l kms-key-id -d 'The KMS key for `--encryption aws:kms`: id, alias or ARN' -r
complete -c securecart -n "__fish_securecart_using_subcommand put" -l part-size -d 'The size of the parts of large objects, from 5M to 5G; chosen by the object\'s size when absent' -r
complete -c securecart -n "__fish_securecart_using_subcommand put" -s p -l profile -d 'The profile to use, instead of the default one' -r
complete -c securecart -n "__fish_securecart_using_subcommand put" -l keychain -d 'Where to keep what is kept, instead of what the profile says' -r -f -a "auto\t'The desktop\'s keychain, else the kernel\'s; never a plain file'
keychain\t'macOS Keychain, Windows Credential Manager or a Secret Service'
keyutils\t'The Linux kernel\'s keyring: in memory, gone at reboot'
file\t'Files encrypted with a passphrase (age)'
memory\t'Nothing is kept beyond this command'"
complete -c securecart -n "__fish_securecart_using_subcommand put" -l region -d 'The region of STS and the bucket, instead of the profile\'s' -r
complete -c securecart -n "__fish_securecart_using_subcommand put" -l dry-run -d 'Say what would be done, and do nothing'
complete -c securecart -n "__fish_securecart_using_subcommand put" -l json -d 'One JSON object a line'
complete -c securecart -n "__fish_securecart_using_subcommand put" -l delete -d 'Delete files at the destination that the source doesn\'t have; asks first'
complete -c securecart -n "__fish_securecart_using_subcommand put" -s y -l yes -d 'Delete without asking'
complete -c securecart -n "__fish_securecart_using_subcommand put" -l force -d 'Transfer also what is there already and equal'
complete -c securecart -n "__fish_securecart_using_subcommand put" -l size-only -d 'Files of the same size are equal, whatever is in them'
complete -c securecart -n "__fish_securecart_using_subcommand put" -l abort-stale -d 'Give up unfinished uploads to your folder that this machine began more than a day ago; nothing is uploaded'
complete -c securecart -n "__fish_securecart_using_subcommand put" -s r -l recursive -d 'Whole directories; `site` arrives as DST/site, what is in `site/` arrives in DST'
complete -c securecart -n "__fish_securecart_using_subcommand put" -s n -l no-clobber -d 'Leave objects that exist as they are'
complete -c securecart -n "__fish_securecart_using_subcommand put" -l literal -d 'Take DST as the exact key behind your folder\'s prefix, even `../x` or `/x`'
complete -c securecart -n "__fish_securecart_using_subcommand put" -s q -l quiet -d 'Say nothing but data, warnings and errors'
complete -c securecart -n "__fish_securecart_using_subcommand put" -s v -l verbose -d 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
complete -c securecart -n "__fish_securecart_using_subcommand put" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c securecart -n "__fish_securecart_using_subcommand rm" -s p -l profile -d 'The profile to use, instead of the default one' -r
complete -c securecart -n "__fish_securecart_using_subcommand rm" -l keychain -d 'Where to keep what is kept, instead of what the profile says' -r -f -a "auto\t'The desktop\'s keychain, else the kernel\'s; never a plain file'
keychain\t'macOS Keychain, Windows Credential Manager or a Secret Service'
keyutils\t'The Linux kernel\'s keyring: in memory, gone at reboot'
file\t'Files encrypted with a passphrase (age)'
memory\t'Nothing is kept beyond this command'"
complete -c securecart -n "__fish_securecart_using_subcommand rm" -l region -d 'The region of STS and the bucket, instead of the profile\'s' -r
complete -c securecart -n "__fish_securecart_using_subcommand rm" -s r -l recursive -d 'Everything below too'
complete -c securecart -n "__fish_securecart_using_subcommand rm" -s y -l yes -d 'Don\'t ask'
complete -c securecart -n "__fish_securecart_using_subcommand rm" -l dry-run -d 'Say what would be removed, and remove nothing'
complete -c securecart -n "__fish_securecart_using_subcommand rm" -l json -d 'One JSON object a line'
complete -c securecart -n "__fish_securecart_using_subcommand rm" -l literal -d 'Take each path as the exact key behind your folder\'s prefix, even `../x` or `/x`'
complete -c securecart -n "__fish_securecart_using_subcommand rm" -s q -l quiet -d 'Say nothing but data, warnings and errors'
complete -c securecart -n "__fish_securecart_using_subcommand rm" -s v -l verbose -d 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
complete -c securecart -n "__fish_securecart_using_subcommand rm" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c securecart -n "__fish_securecart_using_subcommand doctor" -s p -l profile -d 'The profile to use, instead of the default one' -r
complete -c securecart -n "__fish_securecart_using_subcommand doctor" -l keychain -d 'Where to keep what is kept, instead of what the profile says' -r -f -a "auto\t'The desktop\'s keychain, else the kernel\'s; never a plain file'
keychain\t'macOS Keychain, Windows Credential Manager or a Secret Service'
keyutils\t'The Linux kernel\'s keyring: in memory, gone at reboot'
file\t'Files encrypted with a passphrase (age)'
memory\t'Nothing is kept beyond this command'"
complete -c securecart -n "__fish_securecart_using_subcommand doctor" -l region -d 'The region of STS and the bucket, instead of the profile\'s' -r
complete -c securecart -n "__fish_securecart_using_subcommand doctor" -l json -d 'One JSON object a line, one line a check'
complete -c securecart -n "__fish_securecart_using_subcommand doctor" -s q -l quiet -d 'Say nothing but data, warnings and errors'
complete -c securecart -n "__fish_securecart_using_subcommand doctor" -s v -l verbose -d 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
complete -c securecart -n "__fish_securecart_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c securecart -n "__fish_securecart_using_subcommand logout" -s p -l profile -d 'The profile to use, instead of the default one' -r
complete -c securecart -n "__fish_securecart_using_subcommand logout" -l keychain -d 'Where to keep what is kept, instead of what the profile says' -r -f -a "auto\t'The desktop\'s keychain, else the kernel\'s; never a plain file'
keychain\t'macOS Keychain, Windows Credential Manager or a Secret Service'
keyutils\t'The Linux kernel\'s keyring: in memory, gone at reboot'
file\t'Files encrypted with a passphrase (age)'
memory\t'Nothing is kept beyond this command'"
complete -c securecart -n "__fish_securecart_using_subcommand logout" -l region -d 'The region of STS and the bucket, instead of the profile\'s' -r
complete -c securecart -n "__fish_securecart_using_subcommand logout" -l all -d 'Sign out of everything that is kept, of every profile'
complete -c securecart -n "__fish_securecart_using_subcommand logout" -s q -l quiet -d 'Say nothing but data, warnings and errors'
complete -c securecart -n "__fish_securecart_using_subcommand logout" -s v -l verbose -d 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
complete -c securecart -n "__fish_securecart_using_subcommand logout" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c securecart -n "__fish_securecart_using_subcommand completions" -s p -l profile -d 'The profile to use, instead of the default one' -r
complete -c securecart -n "__fish_securecart_using_subcommand completions" -l keychain -d 'Where to keep what is kept, instead of what the profile says' -r -f -a "auto\t'The desktop\'s keychain, else the kernel\'s; never a plain file'
keychain\t'macOS Keychain, Windows Credential Manager or a Secret Service'
keyutils\t'The Linux kernel\'s keyring: in memory, gone at reboot'
file\t'Files encrypted with a passphrase (age)'
memory\t'Nothing is kept beyond this command'"
complete -c securecart -n "__fish_securecart_using_subcommand completions" -l region -d 'The region of STS and the bucket, instead of the profile\'s' -r
complete -c securecart -n "__fish_securecart_using_subcommand completions" -s q -l quiet -d 'Say nothing but data, warnings and errors'
complete -c securecart -n "__fish_securecart_using_subcommand completions" -s v -l verbose -d 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
complete -c securecart -n "__fish_securecart_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c securecart -n "__fish_securecart_using_subcommand help; and not __fish_seen_subcommand_from configure login status whoami accounts roles credential-process exec env console broker-token ls get put rm doctor logout completions help" -f -a "configure" -d 'Set up a profile: sign-in, bucket, and the entry in ~/.aws/config'
complete -c securecart -n "__fish_securecart_using_subcommand help; and not __fish_seen_subcommand_from configure login status whoami accounts roles credential-process exec env console broker-token ls get put rm doctor logout completions help" -f -a "login" -d 'Sign in'
complete -c securecart -n "__fish_securecart_using_subcommand help; and not __fish_seen_subcommand_from configure login status whoami accounts roles credential-process exec env console broker-token ls get put rm doctor logout completions help" -f -a "status" -d 'Show every profile: who is signed in, which role, until when, which folder'
complete -c securecart -n "__fish_securecart_using_subcommand help; and not __fish_seen_subcommand_from configure login status whoami accounts roles credential-process exec env console broker-token ls get put rm doctor logout completions help" -f -a "whoami" -d 'Ask AWS who you are'
complete -c securecart -n "__fish_securecart_using_subcommand help; and not __fish_seen_subcommand_from configure login status whoami accounts roles credential-process exec env console broker-token ls get put rm doctor logout completions help" -f -a "accounts" -d 'List the accounts you may use'
complete -c securecart -n "__fish_securecart_using_subcommand help; and not __fish_seen_subcommand_from configure login status whoami accounts roles credential-process exec env console broker-token ls get put rm doctor logout completions help" -f -a "roles" -d 'List the roles you may assume, in every account'
complete -c securecart -n "__fish_securecart_using_subcommand help; and not __fish_seen_subcommand_from configure login status whoami accounts roles credential-process exec env console broker-token ls get put rm doctor logout completions help" -f -a "credential-process" -d 'Print credentials for an AWS tool: what ~/.aws/config calls'
complete -c securecart -n "__fish_securecart_using_subcommand help; and not __fish_seen_subcommand_from configure login status whoami accounts roles credential-process exec env console broker-token ls get put rm doctor logout completions help" -f -a "exec" -d 'Run a command with your credentials'
complete -c securecart -n "__fish_securecart_using_subcommand help; and not __fish_seen_subcommand_from configure login status whoami accounts roles credential-process exec env console broker-token ls get put rm doctor logout completions help" -f -a "env" -d 'Print your credentials as environment variables'
complete -c securecart -n "__fish_securecart_using_subcommand help; and not __fish_seen_subcommand_from configure login status whoami accounts roles credential-process exec env console broker-token ls get put rm doctor logout completions help" -f -a "console" -d 'Open the AWS console, signed in with your credentials'
complete -c securecart -n "__fish_securecart_using_subcommand help; and not __fish_seen_subcommand_from configure login status whoami accounts roles credential-process exec env console broker-token ls get put rm doctor logout completions help" -f -a "broker-token" -d 'Make a session for somebody else, limited to their own folder'
complete -c securecart -n "__fish_securecart_using_subcommand help; and not __fish_seen_subcommand_from configure login status whoami accounts roles credential-process exec env console broker-token ls get put rm doctor logout completions help" -f -a "ls" -d 'List your folder'
complete -c securecart -n "__fish_securecart_using_subcommand help; and not __fish_seen_subcommand_from configure login status whoami accounts roles credential-process exec env console broker-token ls get put rm doctor logout completions help" -f -a "get" -d 'Download from your folder'
complete -c securecart -n "__fish_securecart_using_subcommand help; and not __fish_seen_subcommand_from configure login status whoami accounts roles credential-process exec env console broker-token ls get put rm doctor logout completions help" -f -a "put" -d 'Upload to your folder'
complete -c securecart -n "__fish_securecart_using_subcommand help; and not __fish_seen_subcommand_from configure login status whoami accounts roles credential-process exec env console broker-token ls get put rm doctor logout completions help" -f -a "rm" -d 'Remove from your folder'
complete -c securecart -n "__fish_securecart_using_subcommand help; and not __fish_seen_subcommand_from configure login status whoami accounts roles credential-process exec env console broker-token ls get put rm doctor logout completions help" -f -a "doctor" -d 'Check everything this program needs, and say what is wrong and who can fix it'
complete -c securecart -n "__fish_securecart_using_subcommand help; and not __fish_seen_subcommand_from configure login status whoami accounts roles credential-process exec env console broker-token ls get put rm doctor logout completions help" -f -a "logout" -d 'Sign out: forget what is kept, and end the session at the portal'
complete -c securecart -n "__fish_securecart_using_subcommand help; and not __fish_seen_subcommand_from configure login status whoami accounts roles credential-process exec env console broker-token ls get put rm doctor logout completions help" -f -a "completions" -d 'Print a completion script for a shell'
complete -c securecart -n "__fish_securecart_using_subcommand help; and not __fish_seen_subcommand_from configure login status whoami accounts roles credential-process exec env console broker-token ls get put rm doctor logout completions help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
