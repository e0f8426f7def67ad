
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'securecart' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'securecart'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'securecart' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--keychain', '--keychain', [CompletionResultType]::ParameterName, 'Where to keep what is kept, instead of what the profile says')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The region of STS and the bucket, instead of the profile''s')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('configure', 'configure', [CompletionResultType]::ParameterValue, 'Set up a profile: sign-in, bucket, and the entry in ~/.aws/config')
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Sign in')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show every profile: who is signed in, which role, until when, which folder')
            [CompletionResult]::new('whoami', 'whoami', [CompletionResultType]::ParameterValue, 'Ask AWS who you are')
            [CompletionResult]::new('accounts', 'accounts', [CompletionResultType]::ParameterValue, 'List the accounts you may use')
            [CompletionResult]::new('roles', 'roles', [CompletionResultType]::ParameterValue, 'List the roles you may assume, in every account')
            [CompletionResult]::new('credential-process', 'credential-process', [CompletionResultType]::ParameterValue, 'Print credentials for an AWS tool: what ~/.aws/config calls')
            [CompletionResult]::new('exec', 'exec', [CompletionResultType]::ParameterValue, 'Run a command with your credentials')
            [CompletionResult]::new('env', 'env', [CompletionResultType]::ParameterValue, 'Print your credentials as environment variables')
            [CompletionResult]::new('console', 'console', [CompletionResultType]::ParameterValue, 'Open the AWS console, signed in with your credentials')
            [CompletionResult]::new('broker-token', 'broker-token', [CompletionResultType]::ParameterValue, 'Make a session for somebody else, limited to their own folder')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List your folder')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Download from your folder')
            [CompletionResult]::new('put', 'put', [CompletionResultType]::ParameterValue, 'Upload to your folder')
            [CompletionResult]::new('rm', 'rm', [CompletionResultType]::ParameterValue, 'Remove from your folder')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Check everything this program needs, and say what is wrong and who can fix it')
            [CompletionResult]::new('logout', 'logout', [CompletionResultType]::ParameterValue, 'Sign out: forget what is kept, and end the session at the portal')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'securecart;configure' {
            [CompletionResult]::new('--method', '--method', [CompletionResultType]::ParameterName, 'How you sign in; told by the URL that is given')
            [CompletionResult]::new('--start-url', '--start-url', [CompletionResultType]::ParameterName, 'Your organisation''s access portal, such as `https://example.awsapps.com/start`')
            [CompletionResult]::new('--sso-region', '--sso-region', [CompletionResultType]::ParameterName, 'The region of IAM Identity Center, when the portal''s URL doesn''t name it')
            [CompletionResult]::new('--account-id', '--account-id', [CompletionResultType]::ParameterName, 'The account to use; otherwise `login` lets you choose')
            [CompletionResult]::new('--role-name', '--role-name', [CompletionResultType]::ParameterName, 'The permission set to use; otherwise `login` lets you choose')
            [CompletionResult]::new('--url', '--url', [CompletionResultType]::ParameterName, 'The address that starts the AWS application at your SAML provider')
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'Which product the SAML provider is; told by the URL of Okta, ADFS, OneLogin and Keycloak')
            [CompletionResult]::new('--client-id', '--client-id', [CompletionResultType]::ParameterName, 'The client at the OpenID Connect provider, of OneLogin''s API, or of Okta''s device grant')
            [CompletionResult]::new('--app-id', '--app-id', [CompletionResultType]::ParameterName, 'The AWS application''s id at OneLogin, or at Okta for its device grant')
            [CompletionResult]::new('--username', '--username', [CompletionResultType]::ParameterName, 'The name to sign in with at the SAML provider; otherwise `login` asks')
            [CompletionResult]::new('--mfa', '--mfa', [CompletionResultType]::ParameterName, 'The second factor to take at the SAML provider: part of what it calls it')
            [CompletionResult]::new('--issuer', '--issuer', [CompletionResultType]::ParameterName, 'The OpenID Connect provider where you sign in: its address up to `/.well-known/openid-configuration`')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'For a job: the file that holds its ID token')
            [CompletionResult]::new('--token-env', '--token-env', [CompletionResultType]::ParameterName, 'For a job: the environment variable that holds its ID token')
            [CompletionResult]::new('--role-arn', '--role-arn', [CompletionResultType]::ParameterName, 'The role to use, where its account and name don''t tell it')
            [CompletionResult]::new('--session-duration', '--session-duration', [CompletionResultType]::ParameterName, 'How long credentials for an assertion or ID token should last, as `8h` or `90m`')
            [CompletionResult]::new('--source', '--source', [CompletionResultType]::ParameterName, 'Assume the role of `--role-arn` with the credentials of this other profile')
            [CompletionResult]::new('--external-id', '--external-id', [CompletionResultType]::ParameterName, 'The external id that the role''s owner agreed on with you')
            [CompletionResult]::new('--role-session-name', '--role-session-name', [CompletionResultType]::ParameterName, 'The name of the role''s session, which is half of your folder''s name [default: the source''s own]')
            [CompletionResult]::new('--from-aws-profile', '--from-aws-profile', [CompletionResultType]::ParameterName, 'Take the credentials of a profile in ~/.aws: the key `aws_profile`')
            [CompletionResult]::new('--credential-source', '--credential-source', [CompletionResultType]::ParameterName, 'Take the credentials that this machine or job has')
            [CompletionResult]::new('--mfa-serial', '--mfa-serial', [CompletionResultType]::ParameterName, 'The MFA device of the IAM user, whose code `login` asks for')
            [CompletionResult]::new('--mfa-command', '--mfa-command', [CompletionResultType]::ParameterName, 'The program that prints the device''s code, with its arguments: everything behind it, so give it last')
            [CompletionResult]::new('--source-identity', '--source-identity', [CompletionResultType]::ParameterName, 'Who is behind the session, which every role of a chain keeps')
            [CompletionResult]::new('--session-tag', '--session-tag', [CompletionResultType]::ParameterName, 'A session tag; again for each, and together they replace those that the profile has')
            [CompletionResult]::new('--transitive-tag', '--transitive-tag', [CompletionResultType]::ParameterName, 'The key of a session tag that later roles of a chain keep; again for each, likewise')
            [CompletionResult]::new('--policy-arn', '--policy-arn', [CompletionResultType]::ParameterName, 'A managed policy that limits the session; again for each, likewise')
            [CompletionResult]::new('--policy', '--policy', [CompletionResultType]::ParameterName, 'A policy that limits the session, as in `--policy "$(cat policy.json)"`')
            [CompletionResult]::new('--auto-login', '--auto-login', [CompletionResultType]::ParameterName, 'Let the first of any parallel AWS commands open the browser when the session has ended')
            [CompletionResult]::new('--import', '--import', [CompletionResultType]::ParameterName, 'Take settings from a profile or sso-session in ~/.aws/config')
            [CompletionResult]::new('--bucket', '--bucket', [CompletionResultType]::ParameterName, 'The bucket your folder is in')
            [CompletionResult]::new('--folder', '--folder', [CompletionResultType]::ParameterName, 'Your folder''s name, with variables in quotes [default: ''${aws:userid}/'']')
            [CompletionResult]::new('--encryption', '--encryption', [CompletionResultType]::ParameterName, 'How uploads are encrypted')
            [CompletionResult]::new('--kms-key-id', '--kms-key-id', [CompletionResultType]::ParameterName, 'The KMS key that uploads are encrypted with: its id, alias or ARN')
            [CompletionResult]::new('--endpoint-url', '--endpoint-url', [CompletionResultType]::ParameterName, 'One endpoint for every service, for a test environment')
            [CompletionResult]::new('--aws-profile', '--aws-profile', [CompletionResultType]::ParameterName, 'The profile''s name in ~/.aws/config [default: the same]')
            [CompletionResult]::new('--name-template', '--name-template', [CompletionResultType]::ParameterName, 'How to name them, of {account_name}, {account_id} and {role_name} [default: ''{account_name}-{role_name}'']')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--keychain', '--keychain', [CompletionResultType]::ParameterName, 'Where to keep what is kept, instead of what the profile says')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The region of STS and the bucket, instead of the profile''s')
            [CompletionResult]::new('--no-aws-config', '--no-aws-config', [CompletionResultType]::ParameterName, 'Leave ~/.aws/config alone')
            [CompletionResult]::new('--set-default', '--set-default', [CompletionResultType]::ParameterName, 'Use this profile when none is named')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Turn settings in ~/.aws/config that would win over securecart into comments')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print what was written as one JSON document')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Write a profile for every role you may assume, with the settings of the profile you are signed in to')
            [CompletionResult]::new('--prune', '--prune', [CompletionResultType]::ParameterName, 'Remove profiles that an earlier --all wrote and that are stale: not yours any more, or named otherwise now')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be written and removed, and do nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'securecart;login' {
            [CompletionResult]::new('--account-id', '--account-id', [CompletionResultType]::ParameterName, 'The account, where the profile names none')
            [CompletionResult]::new('--role-name', '--role-name', [CompletionResultType]::ParameterName, 'The permission set, where the profile names none')
            [CompletionResult]::new('--username', '--username', [CompletionResultType]::ParameterName, 'The name to sign in with, where the profile names none')
            [CompletionResult]::new('--password-fd', '--password-fd', [CompletionResultType]::ParameterName, 'Read the password from the first line of a file descriptor')
            [CompletionResult]::new('--mfa', '--mfa', [CompletionResultType]::ParameterName, 'The second factor to take where there are several: part of what the provider calls it')
            [CompletionResult]::new('--client-secret-fd', '--client-secret-fd', [CompletionResultType]::ParameterName, 'Read the secret of the provider''s API client from the first line of a file descriptor; it is kept in the keychain')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--keychain', '--keychain', [CompletionResultType]::ParameterName, 'Where to keep what is kept, instead of what the profile says')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The region of STS and the bucket, instead of the profile''s')
            [CompletionResult]::new('--device-code', '--device-code', [CompletionResultType]::ParameterName, 'Sign in with a code that is entered in a browser anywhere')
            [CompletionResult]::new('--no-browser', '--no-browser', [CompletionResultType]::ParameterName, 'Print the address instead of opening the browser')
            [CompletionResult]::new('--browser', '--browser', [CompletionResultType]::ParameterName, 'Sign in to a SAML provider in your own Chrome, Edge or Chromium: for security keys, passkeys, and what else no terminal can do')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Sign in anew, even if the session still lives')
            [CompletionResult]::new('--choose', '--choose', [CompletionResultType]::ParameterName, 'Choose the account and role again')
            [CompletionResult]::new('--export-sso-token', '--export-sso-token', [CompletionResultType]::ParameterName, 'Also put the access token where the AWS CLI and SDKs look for their own, in ~/.aws/sso/cache, unencrypted')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'securecart;status' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--keychain', '--keychain', [CompletionResultType]::ParameterName, 'Where to keep what is kept, instead of what the profile says')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The region of STS and the bucket, instead of the profile''s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object a line, one line a profile')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'securecart;whoami' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--keychain', '--keychain', [CompletionResultType]::ParameterName, 'Where to keep what is kept, instead of what the profile says')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The region of STS and the bucket, instead of the profile''s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'securecart;accounts' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--keychain', '--keychain', [CompletionResultType]::ParameterName, 'Where to keep what is kept, instead of what the profile says')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The region of STS and the bucket, instead of the profile''s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object a line, one line an account')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'securecart;roles' {
            [CompletionResult]::new('--account-id', '--account-id', [CompletionResultType]::ParameterName, 'Only those in this account')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--keychain', '--keychain', [CompletionResultType]::ParameterName, 'Where to keep what is kept, instead of what the profile says')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The region of STS and the bucket, instead of the profile''s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object a line, one line a role')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'securecart;credential-process' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--keychain', '--keychain', [CompletionResultType]::ParameterName, 'Where to keep what is kept, instead of what the profile says')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The region of STS and the bucket, instead of the profile''s')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'securecart;exec' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--keychain', '--keychain', [CompletionResultType]::ParameterName, 'Where to keep what is kept, instead of what the profile says')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The region of STS and the bucket, instead of the profile''s')
            [CompletionResult]::new('--serve', '--serve', [CompletionResultType]::ParameterName, 'Serve the credentials on 127.0.0.1, renewed as long as the command runs')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'securecart;env' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'What the lines are for [default: what $SHELL names]')
            [CompletionResult]::new('--shell', '--shell', [CompletionResultType]::ParameterName, 'What the lines are for [default: what $SHELL names]')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--keychain', '--keychain', [CompletionResultType]::ParameterName, 'Where to keep what is kept, instead of what the profile says')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The region of STS and the bucket, instead of the profile''s')
            [CompletionResult]::new('--unset', '--unset', [CompletionResultType]::ParameterName, 'Print the lines that take the variables out again')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'securecart;console' {
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'Where to arrive: a service such as `s3`, or a URL of the console')
            [CompletionResult]::new('--destination', '--destination', [CompletionResultType]::ParameterName, 'Where to arrive: a service such as `s3`, or a URL of the console')
            [CompletionResult]::new('--duration', '--duration', [CompletionResultType]::ParameterName, 'How long the console''s session lasts: 15m to 12h')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--keychain', '--keychain', [CompletionResultType]::ParameterName, 'Where to keep what is kept, instead of what the profile says')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The region of STS and the bucket, instead of the profile''s')
            [CompletionResult]::new('--open', '--open', [CompletionResultType]::ParameterName, 'Open the browser, even where none seems to be')
            [CompletionResult]::new('--print', '--print', [CompletionResultType]::ParameterName, 'Print the address instead of opening it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'securecart;broker-token' {
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Whose session: 2 to 32 letters, digits and `_+=,.@-`')
            [CompletionResult]::new('--duration', '--duration', [CompletionResultType]::ParameterName, 'How long it lasts: 15m to 36h [default: 12h]')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'What the lines are for [default: what $SHELL names]')
            [CompletionResult]::new('--shell', '--shell', [CompletionResultType]::ParameterName, 'What the lines are for [default: what $SHELL names]')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--keychain', '--keychain', [CompletionResultType]::ParameterName, 'Where to keep what is kept, instead of what the profile says')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The region of STS and the bucket, instead of the profile''s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON document of version 1, as a `credential_process` prints it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'securecart;ls' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--keychain', '--keychain', [CompletionResultType]::ParameterName, 'Where to keep what is kept, instead of what the profile says')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The region of STS and the bucket, instead of the profile''s')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'Everything below, not only the next level')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'Everything below, not only the next level')
            [CompletionResult]::new('--versions', '--versions', [CompletionResultType]::ParameterName, 'All versions and delete markers, where the bucket has versioning; needs `s3:ListBucketVersions`')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object a line')
            [CompletionResult]::new('--literal', '--literal', [CompletionResultType]::ParameterName, 'Take each path as the exact key behind your folder''s prefix, even `../x` or `/x`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'securecart;get' {
            [CompletionResult]::new('--version-id', '--version-id', [CompletionResultType]::ParameterName, 'This version of one object, as `ls --versions` shows it; needs `s3:GetObjectVersion`')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'How many requests run at once, however slow the line; without it, 64 or what the line can use')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'How many requests run at once, however slow the line; without it, 64 or what the line can use')
            [CompletionResult]::new('--limit-rate', '--limit-rate', [CompletionResultType]::ParameterName, 'Bytes a second at most, all transfers together, such as 500K or 20M')
            [CompletionResult]::new('--include', '--include', [CompletionResultType]::ParameterName, 'Only files that match; may be given several times')
            [CompletionResult]::new('--exclude', '--exclude', [CompletionResultType]::ParameterName, 'No files that match, even if an --include does; may be given several times')
            [CompletionResult]::new('--newer', '--newer', [CompletionResultType]::ParameterName, 'Only files modified after a date (2026-01-31, 2026-01-31T12:00:00Z) or within an age (90m, 12h, 7d, 2w)')
            [CompletionResult]::new('--part-size', '--part-size', [CompletionResultType]::ParameterName, 'What one request fetches of a large object, from 5M to 5G; 8M when absent')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--keychain', '--keychain', [CompletionResultType]::ParameterName, 'Where to keep what is kept, instead of what the profile says')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The region of STS and the bucket, instead of the profile''s')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be done, and do nothing')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object a line')
            [CompletionResult]::new('--delete', '--delete', [CompletionResultType]::ParameterName, 'Delete files at the destination that the source doesn''t have; asks first')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Delete without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Delete without asking')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Transfer also what is there already and equal')
            [CompletionResult]::new('--size-only', '--size-only', [CompletionResultType]::ParameterName, 'Files of the same size are equal, whatever is in them')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'Whole folders; `docs` arrives as DST/docs, what is in `docs/` arrives in DST')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'Whole folders; `docs` arrives as DST/docs, what is in `docs/` arrives in DST')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Leave files that exist as they are')
            [CompletionResult]::new('--no-clobber', '--no-clobber', [CompletionResultType]::ParameterName, 'Leave files that exist as they are')
            [CompletionResult]::new('--literal', '--literal', [CompletionResultType]::ParameterName, 'Take each SRC as the exact key behind your folder''s prefix, even `../x` or `/x`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'securecart;put' {
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'How many requests run at once, however slow the line; without it, 64 or what the line can use')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'How many requests run at once, however slow the line; without it, 64 or what the line can use')
            [CompletionResult]::new('--limit-rate', '--limit-rate', [CompletionResultType]::ParameterName, 'Bytes a second at most, all transfers together, such as 500K or 20M')
            [CompletionResult]::new('--include', '--include', [CompletionResultType]::ParameterName, 'Only files that match; may be given several times')
            [CompletionResult]::new('--exclude', '--exclude', [CompletionResultType]::ParameterName, 'No files that match, even if an --include does; may be given several times')
            [CompletionResult]::new('--newer', '--newer', [CompletionResultType]::ParameterName, 'Only files modified after a date (2026-01-31, 2026-01-31T12:00:00Z) or within an age (90m, 12h, 7d, 2w)')
            [CompletionResult]::new('--content-type', '--content-type', [CompletionResultType]::ParameterName, 'The content type of all files; guessed from each name when absent')
            [CompletionResult]::new('--storage-class', '--storage-class', [CompletionResultType]::ParameterName, 'The storage class of all files, such as STANDARD_IA; the bucket''s usual one when absent')
            [CompletionResult]::new('--metadata', '--metadata', [CompletionResultType]::ParameterName, 'Metadata of all files; may be given several times')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'A tag of all files, which needs `s3:PutObjectTagging`; may be given several times')
            [CompletionResult]::new('--encryption', '--encryption', [CompletionResultType]::ParameterName, 'Server-side encryption; the profile''s when absent')
            [CompletionResult]::new('--kms-key-id', '--kms-key-id', [CompletionResultType]::ParameterName, 'The KMS key for `--encryption aws:kms`: id, alias or ARN')
            [CompletionResult]::new('--part-size', '--part-size', [CompletionResultType]::ParameterName, 'The size of the parts of large objects, from 5M to 5G; chosen by the object''s size when absent')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--keychain', '--keychain', [CompletionResultType]::ParameterName, 'Where to keep what is kept, instead of what the profile says')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The region of STS and the bucket, instead of the profile''s')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be done, and do nothing')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object a line')
            [CompletionResult]::new('--delete', '--delete', [CompletionResultType]::ParameterName, 'Delete files at the destination that the source doesn''t have; asks first')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Delete without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Delete without asking')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Transfer also what is there already and equal')
            [CompletionResult]::new('--size-only', '--size-only', [CompletionResultType]::ParameterName, 'Files of the same size are equal, whatever is in them')
            [CompletionResult]::new('--abort-stale', '--abort-stale', [CompletionResultType]::ParameterName, 'Give up unfinished uploads to your folder that this machine began more than a day ago; nothing is uploaded')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'Whole directories; `site` arrives as DST/site, what is in `site/` arrives in DST')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'Whole directories; `site` arrives as DST/site, what is in `site/` arrives in DST')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Leave objects that exist as they are')
            [CompletionResult]::new('--no-clobber', '--no-clobber', [CompletionResultType]::ParameterName, 'Leave objects that exist as they are')
            [CompletionResult]::new('--literal', '--literal', [CompletionResultType]::ParameterName, 'Take DST as the exact key behind your folder''s prefix, even `../x` or `/x`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'securecart;rm' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--keychain', '--keychain', [CompletionResultType]::ParameterName, 'Where to keep what is kept, instead of what the profile says')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The region of STS and the bucket, instead of the profile''s')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'Everything below too')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'Everything below too')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Don''t ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Don''t ask')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be removed, and remove nothing')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object a line')
            [CompletionResult]::new('--literal', '--literal', [CompletionResultType]::ParameterName, 'Take each path as the exact key behind your folder''s prefix, even `../x` or `/x`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'securecart;doctor' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--keychain', '--keychain', [CompletionResultType]::ParameterName, 'Where to keep what is kept, instead of what the profile says')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The region of STS and the bucket, instead of the profile''s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object a line, one line a check')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'securecart;logout' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--keychain', '--keychain', [CompletionResultType]::ParameterName, 'Where to keep what is kept, instead of what the profile says')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The region of STS and the bucket, instead of the profile''s')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Sign out of everything that is kept, of every profile')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'securecart;completions' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile to use, instead of the default one')
            [CompletionResult]::new('--keychain', '--keychain', [CompletionResultType]::ParameterName, 'Where to keep what is kept, instead of what the profile says')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The region of STS and the bucket, instead of the profile''s')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'securecart;help' {
            [CompletionResult]::new('configure', 'configure', [CompletionResultType]::ParameterValue, 'Set up a profile: sign-in, bucket, and the entry in ~/.aws/config')
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Sign in')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show every profile: who is signed in, which role, until when, which folder')
            [CompletionResult]::new('whoami', 'whoami', [CompletionResultType]::ParameterValue, 'Ask AWS who you are')
            [CompletionResult]::new('accounts', 'accounts', [CompletionResultType]::ParameterValue, 'List the accounts you may use')
            [CompletionResult]::new('roles', 'roles', [CompletionResultType]::ParameterValue, 'List the roles you may assume, in every account')
            [CompletionResult]::new('credential-process', 'credential-process', [CompletionResultType]::ParameterValue, 'Print credentials for an AWS tool: what ~/.aws/config calls')
            [CompletionResult]::new('exec', 'exec', [CompletionResultType]::ParameterValue, 'Run a command with your credentials')
            [CompletionResult]::new('env', 'env', [CompletionResultType]::ParameterValue, 'Print your credentials as environment variables')
            [CompletionResult]::new('console', 'console', [CompletionResultType]::ParameterValue, 'Open the AWS console, signed in with your credentials')
            [CompletionResult]::new('broker-token', 'broker-token', [CompletionResultType]::ParameterValue, 'Make a session for somebody else, limited to their own folder')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List your folder')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Download from your folder')
            [CompletionResult]::new('put', 'put', [CompletionResultType]::ParameterValue, 'Upload to your folder')
            [CompletionResult]::new('rm', 'rm', [CompletionResultType]::ParameterValue, 'Remove from your folder')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Check everything this program needs, and say what is wrong and who can fix it')
            [CompletionResult]::new('logout', 'logout', [CompletionResultType]::ParameterValue, 'Sign out: forget what is kept, and end the session at the portal')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'securecart;help;configure' {
            break
        }
        'securecart;help;login' {
            break
        }
        'securecart;help;status' {
            break
        }
        'securecart;help;whoami' {
            break
        }
        'securecart;help;accounts' {
            break
        }
        'securecart;help;roles' {
            break
        }
        'securecart;help;credential-process' {
            break
        }
        'securecart;help;exec' {
            break
        }
        'securecart;help;env' {
            break
        }
        'securecart;help;console' {
            break
        }
        'securecart;help;broker-token' {
            break
        }
        'securecart;help;ls' {
            break
        }
        'securecart;help;get' {
            break
        }
        'securecart;help;put' {
            break
        }
        'securecart;help;rm' {
            break
        }
        'securecart;help;doctor' {
            break
        }
        'securecart;help;logout' {
            break
        }
        'securecart;help;completions' {
            break
        }
        'securecart;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
