
use builtin;
use str;

set edit:completion:arg-completer[securecart] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'securecart'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'securecart'= {
            cand -p 'The profile to use, instead of the default one'
            cand --profile 'The profile to use, instead of the default one'
            cand --keychain 'Where to keep what is kept, instead of what the profile says'
            cand --region 'The region of STS and the bucket, instead of the profile''s'
            cand -q 'Say nothing but data, warnings and errors'
            cand --quiet 'Say nothing but data, warnings and errors'
            cand -v 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand --verbose 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand configure 'Set up a profile: sign-in, bucket, and the entry in ~/.aws/config'
            cand login 'Sign in'
            cand status 'Show every profile: who is signed in, which role, until when, which folder'
            cand whoami 'Ask AWS who you are'
            cand accounts 'List the accounts you may use'
            cand roles 'List the roles you may assume, in every account'
            cand credential-process 'Print credentials for an AWS tool: what ~/.aws/config calls'
            cand exec 'Run a command with your credentials'
            cand env 'Print your credentials as environment variables'
            cand console 'Open the AWS console, signed in with your credentials'
            cand broker-token 'Make a session for somebody else, limited to their own folder'
            cand ls 'List your folder'
            cand get 'Download from your folder'
            cand put 'Upload to your folder'
            cand rm 'Remove from your folder'
            cand doctor 'Check everything this program needs, and say what is wrong and who can fix it'
            cand logout 'Sign out: forget what is kept, and end the session at the portal'
            cand completions 'Print a completion script for a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'securecart;configure'= {
            cand --method 'How you sign in; told by the URL that is given'
            cand --start-url 'Your organisation''s access portal, such as `https://example.awsapps.com/start`'
            cand --sso-region 'The region of IAM Identity Center, when the portal''s URL doesn''t name it'
            cand --account-id 'The account to use; otherwise `login` lets you choose'
            cand --role-name 'The permission set to use; otherwise `login` lets you choose'
            cand --url 'The address that starts the AWS application at your SAML provider'
            cand --provider 'Which product the SAML provider is; told by the URL of Okta, ADFS, OneLogin and Keycloak'
            cand --client-id 'The client at the OpenID Connect provider, of OneLogin''s API, or of Okta''s device grant'
            cand --app-id 'The AWS application''s id at OneLogin, or at Okta for its device grant'
            cand --username 'The name to sign in with at the SAML provider; otherwise `login` asks'
            cand --mfa 'The second factor to take at the SAML provider: part of what it calls it'
            cand --issuer 'The OpenID Connect provider where you sign in: its address up to `/.well-known/openid-configuration`'
            cand --token-file 'For a job: the file that holds its ID token'
            cand --token-env 'For a job: the environment variable that holds its ID token'
            cand --role-arn 'The role to use, where its account and name don''t tell it'
            cand --session-duration 'How long credentials for an assertion or ID token should last, as `8h` or `90m`'
            cand --source 'Assume the role of `--role-arn` with the credentials of this other profile'
            cand --external-id 'The external id that the role''s owner agreed on with you'
            cand --role-session-name 'The name of the role''s session, which is half of your folder''s name [default: the source''s own]'
            cand --from-aws-profile 'Take the credentials of a profile in ~/.aws: the key `aws_profile`'
            cand --credential-source 'Take the credentials that this machine or job has'
            cand --mfa-serial 'The MFA device of the IAM user, whose code `login` asks for'
            cand --mfa-command 'The program that prints the device''s code, with its arguments: everything behind it, so give it last'
            cand --source-identity 'Who is behind the session, which every role of a chain keeps'
            cand --session-tag 'A session tag; again for each, and together they replace those that the profile has'
            cand --transitive-tag 'The key of a session tag that later roles of a chain keep; again for each, likewise'
            cand --policy-arn 'A managed policy that limits the session; again for each, likewise'
            cand --policy 'A policy that limits the session, as in `--policy "$(cat policy.json)"`'
            cand --auto-login 'Let the first of any parallel AWS commands open the browser when the session has ended'
            cand --import 'Take settings from a profile or sso-session in ~/.aws/config'
            cand --bucket 'The bucket your folder is in'
            cand --folder 'Your folder''s name, with variables in quotes [default: ''${aws:userid}/'']'
            cand --encryption 'How uploads are encrypted'
            cand --kms-key-id 'The KMS key that uploads are encrypted with: its id, alias or ARN'
            cand --endpoint-url 'One endpoint for every service, for a test environment'
            cand --aws-profile 'The profile''s name in ~/.aws/config [default: the same]'
            cand --name-template 'How to name them, of {account_name}, {account_id} and {role_name} [default: ''{account_name}-{role_name}'']'
            cand -p 'The profile to use, instead of the default one'
            cand --profile 'The profile to use, instead of the default one'
            cand --keychain 'Where to keep what is kept, instead of what the profile says'
            cand --region 'The region of STS and the bucket, instead of the profile''s'
            cand --no-aws-config 'Leave ~/.aws/config alone'
            cand --set-default 'Use this profile when none is named'
            cand --force 'Turn settings in ~/.aws/config that would win over securecart into comments'
            cand --json 'Print what was written as one JSON document'
            cand --all 'Write a profile for every role you may assume, with the settings of the profile you are signed in to'
            cand --prune 'Remove profiles that an earlier --all wrote and that are stale: not yours any more, or named otherwise now'
            cand --dry-run 'Say what would be written and removed, and do nothing'
            cand -q 'Say nothing but data, warnings and errors'
            cand --quiet 'Say nothing but data, warnings and errors'
            cand -v 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand --verbose 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'securecart;login'= {
            cand --account-id 'The account, where the profile names none'
            cand --role-name 'The permission set, where the profile names none'
            cand --username 'The name to sign in with, where the profile names none'
            cand --password-fd 'Read the password from the first line of a file descriptor'
            cand --mfa 'The second factor to take where there are several: part of what the provider calls it'
            cand --client-secret-fd 'Read the secret of the provider''s API client from the first line of a file descriptor; it is kept in the keychain'
            cand -p 'The profile to use, instead of the default one'
            cand --profile 'The profile to use, instead of the default one'
            cand --keychain 'Where to keep what is kept, instead of what the profile says'
            cand --region 'The region of STS and the bucket, instead of the profile''s'
            cand --device-code 'Sign in with a code that is entered in a browser anywhere'
            cand --no-browser 'Print the address instead of opening the browser'
            cand --browser 'Sign in to a SAML provider in your own Chrome, Edge or Chromium: for security keys, passkeys, and what else no terminal can do'
            cand --force 'Sign in anew, even if the session still lives'
            cand --choose 'Choose the account and role again'
            cand --export-sso-token 'Also put the access token where the AWS CLI and SDKs look for their own, in ~/.aws/sso/cache, unencrypted'
            cand -q 'Say nothing but data, warnings and errors'
            cand --quiet 'Say nothing but data, warnings and errors'
            cand -v 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand --verbose 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'securecart;status'= {
            cand -p 'The profile to use, instead of the default one'
            cand --profile 'The profile to use, instead of the default one'
            cand --keychain 'Where to keep what is kept, instead of what the profile says'
            cand --region 'The region of STS and the bucket, instead of the profile''s'
            cand --json 'One JSON object a line, one line a profile'
            cand -q 'Say nothing but data, warnings and errors'
            cand --quiet 'Say nothing but data, warnings and errors'
            cand -v 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand --verbose 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'securecart;whoami'= {
            cand -p 'The profile to use, instead of the default one'
            cand --profile 'The profile to use, instead of the default one'
            cand --keychain 'Where to keep what is kept, instead of what the profile says'
            cand --region 'The region of STS and the bucket, instead of the profile''s'
            cand --json 'One JSON object'
            cand -q 'Say nothing but data, warnings and errors'
            cand --quiet 'Say nothing but data, warnings and errors'
            cand -v 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand --verbose 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'securecart;accounts'= {
            cand -p 'The profile to use, instead of the default one'
            cand --profile 'The profile to use, instead of the default one'
            cand --keychain 'Where to keep what is kept, instead of what the profile says'
            cand --region 'The region of STS and the bucket, instead of the profile''s'
            cand --json 'One JSON object a line, one line an account'
            cand -q 'Say nothing but data, warnings and errors'
            cand --quiet 'Say nothing but data, warnings and errors'
            cand -v 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand --verbose 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'securecart;roles'= {
            cand --account-id 'Only those in this account'
            cand -p 'The profile to use, instead of the default one'
            cand --profile 'The profile to use, instead of the default one'
            cand --keychain 'Where to keep what is kept, instead of what the profile says'
            cand --region 'The region of STS and the bucket, instead of the profile''s'
            cand --json 'One JSON object a line, one line a role'
            cand -q 'Say nothing but data, warnings and errors'
            cand --quiet 'Say nothing but data, warnings and errors'
            cand -v 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand --verbose 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'securecart;credential-process'= {
            cand -p 'The profile to use, instead of the default one'
            cand --profile 'The profile to use, instead of the default one'
            cand --keychain 'Where to keep what is kept, instead of what the profile says'
            cand --region 'The region of STS and the bucket, instead of the profile''s'
            cand -q 'Say nothing but data, warnings and errors'
            cand --quiet 'Say nothing but data, warnings and errors'
            cand -v 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand --verbose 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'securecart;exec'= {
            cand -p 'The profile to use, instead of the default one'
            cand --profile 'The profile to use, instead of the default one'
            cand --keychain 'Where to keep what is kept, instead of what the profile says'
            cand --region 'The region of STS and the bucket, instead of the profile''s'
            cand --serve 'Serve the credentials on 127.0.0.1, renewed as long as the command runs'
            cand -q 'Say nothing but data, warnings and errors'
            cand --quiet 'Say nothing but data, warnings and errors'
            cand -v 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand --verbose 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'securecart;env'= {
            cand -s 'What the lines are for [default: what $SHELL names]'
            cand --shell 'What the lines are for [default: what $SHELL names]'
            cand -p 'The profile to use, instead of the default one'
            cand --profile 'The profile to use, instead of the default one'
            cand --keychain 'Where to keep what is kept, instead of what the profile says'
            cand --region 'The region of STS and the bucket, instead of the profile''s'
            cand --unset 'Print the lines that take the variables out again'
            cand -q 'Say nothing but data, warnings and errors'
            cand --quiet 'Say nothing but data, warnings and errors'
            cand -v 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand --verbose 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'securecart;console'= {
            cand -d 'Where to arrive: a service such as `s3`, or a URL of the console'
            cand --destination 'Where to arrive: a service such as `s3`, or a URL of the console'
            cand --duration 'How long the console''s session lasts: 15m to 12h'
            cand -p 'The profile to use, instead of the default one'
            cand --profile 'The profile to use, instead of the default one'
            cand --keychain 'Where to keep what is kept, instead of what the profile says'
            cand --region 'The region of STS and the bucket, instead of the profile''s'
            cand --open 'Open the browser, even where none seems to be'
            cand --print 'Print the address instead of opening it'
            cand -q 'Say nothing but data, warnings and errors'
            cand --quiet 'Say nothing but data, warnings and errors'
            cand -v 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand --verbose 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'securecart;broker-token'= {
            cand --name 'Whose session: 2 to 32 letters, digits and `_+=,.@-`'
            cand --duration 'How long it lasts: 15m to 36h [default: 12h]'
            cand -s 'What the lines are for [default: what $SHELL names]'
            cand --shell 'What the lines are for [default: what $SHELL names]'
            cand -p 'The profile to use, instead of the default one'
            cand --profile 'The profile to use, instead of the default one'
            cand --keychain 'Where to keep what is kept, instead of what the profile says'
            cand --region 'The region of STS and the bucket, instead of the profile''s'
            cand --json 'One JSON document of version 1, as a `credential_process` prints it'
            cand -q 'Say nothing but data, warnings and errors'
            cand --quiet 'Say nothing but data, warnings and errors'
            cand -v 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand --verbose 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'securecart;ls'= {
            cand -p 'The profile to use, instead of the default one'
            cand --profile 'The profile to use, instead of the default one'
            cand --keychain 'Where to keep what is kept, instead of what the profile says'
            cand --region 'The region of STS and the bucket, instead of the profile''s'
            cand -r 'Everything below, not only the next level'
            cand --recursive 'Everything below, not only the next level'
            cand --versions 'All versions and delete markers, where the bucket has versioning; needs `s3:ListBucketVersions`'
            cand --json 'One JSON object a line'
            cand --literal 'Take each path as the exact key behind your folder''s prefix, even `../x` or `/x`'
            cand -q 'Say nothing but data, warnings and errors'
            cand --quiet 'Say nothing but data, warnings and errors'
            cand -v 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand --verbose 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'securecart;get'= {
            cand --version-id 'This version of one object, as `ls --versions` shows it; needs `s3:GetObjectVersion`'
            cand -j 'How many requests run at once, however slow the line; without it, 64 or what the line can use'
            cand --jobs 'How many requests run at once, however slow the line; without it, 64 or what the line can use'
            cand --limit-rate 'Bytes a second at most, all transfers together, such as 500K or 20M'
            cand --include 'Only files that match; may be given several times'
            cand --exclude 'No files that match, even if an --include does; may be given several times'
            cand --newer 'Only files modified after a date (2026-01-31, 2026-01-31T12:00:00Z) or within an age (90m, 12h, 7d, 2w)'
            cand --part-size 'What one request fetches of a large object, from 5M to 5G; 8M when absent'
            cand -p 'The profile to use, instead of the default one'
            cand --profile 'The profile to use, instead of the default one'
            cand --keychain 'Where to keep what is kept, instead of what the profile says'
            cand --region 'The region of STS and the bucket, instead of the profile''s'
            cand --dry-run 'Say what would be done, and do nothing'
            cand --json 'One JSON object a line'
            cand --delete 'Delete files at the destination that the source doesn''t have; asks first'
            cand -y 'Delete without asking'
            cand --yes 'Delete without asking'
            cand --force 'Transfer also what is there already and equal'
            cand --size-only 'Files of the same size are equal, whatever is in them'
            cand -r 'Whole folders; `docs` arrives as DST/docs, what is in `docs/` arrives in DST'
            cand --recursive 'Whole folders; `docs` arrives as DST/docs, what is in `docs/` arrives in DST'
            cand -n 'Leave files that exist as they are'
            cand --no-clobber 'Leave files that exist as they are'
            cand --literal 'Take each SRC as the exact key behind your folder''s prefix, even `../x` or `/x`'
            cand -q 'Say nothing but data, warnings and errors'
            cand --quiet 'Say nothing but data, warnings and errors'
            cand -v 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand --verbose 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'securecart;put'= {
            cand -j 'How many requests run at once, however slow the line; without it, 64 or what the line can use'
            cand --jobs 'How many requests run at once, however slow the line; without it, 64 or what the line can use'
            cand --limit-rate 'Bytes a second at most, all transfers together, such as 500K or 20M'
            cand --include 'Only files that match; may be given several times'
            cand --exclude 'No files that match, even if an --include does; may be given several times'
            cand --newer 'Only files modified after a date (2026-01-31, 2026-01-31T12:00:00Z) or within an age (90m, 12h, 7d, 2w)'
            cand --content-type 'The content type of all files; guessed from each name when absent'
            cand --storage-class 'The storage class of all files, such as STANDARD_IA; the bucket''s usual one when absent'
            cand --metadata 'Metadata of all files; may be given several times'
            cand --tag 'A tag of all files, which needs `s3:PutObjectTagging`; may be given several times'
            cand --encryption 'Server-side encryption; the profile''s when absent'
            cand --kms-key-id 'The KMS key for `--encryption aws:kms`: id, alias or ARN'
            cand --part-size 'The size of the parts of large objects, from 5M to 5G; chosen by the object''s size when absent'
            cand -p 'The profile to use, instead of the default one'
            cand --profile 'The profile to use, instead of the default one'
            cand --keychain 'Where to keep what is kept, instead of what the profile says'
            cand --region 'The region of STS and the bucket, instead of the profile''s'
            cand --dry-run 'Say what would be done, and do nothing'
            cand --json 'One JSON object a line'
            cand --delete 'Delete files at the destination that the source doesn''t have; asks first'
            cand -y 'Delete without asking'
            cand --yes 'Delete without asking'
            cand --force 'Transfer also what is there already and equal'
            cand --size-only 'Files of the same size are equal, whatever is in them'
            cand --abort-stale 'Give up unfinished uploads to your folder that this machine began more than a day ago; nothing is uploaded'
            cand -r 'Whole directories; `site` arrives as DST/site, what is in `site/` arrives in DST'
            cand --recursive 'Whole directories; `site` arrives as DST/site, what is in `site/` arrives in DST'
            cand -n 'Leave objects that exist as they are'
            cand --no-clobber 'Leave objects that exist as they are'
            cand --literal 'Take DST as the exact key behind your folder''s prefix, even `../x` or `/x`'
            cand -q 'Say nothing but data, warnings and errors'
            cand --quiet 'Say nothing but data, warnings and errors'
            cand -v 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand --verbose 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'securecart;rm'= {
            cand -p 'The profile to use, instead of the default one'
            cand --profile 'The profile to use, instead of the default one'
            cand --keychain 'Where to keep what is kept, instead of what the profile says'
            cand --region 'The region of STS and the bucket, instead of the profile''s'
            cand -r 'Everything below too'
            cand --recursive 'Everything below too'
            cand -y 'Don''t ask'
            cand --yes 'Don''t ask'
            cand --dry-run 'Say what would be removed, and remove nothing'
            cand --json 'One JSON object a line'
            cand --literal 'Take each path as the exact key behind your folder''s prefix, even `../x` or `/x`'
            cand -q 'Say nothing but data, warnings and errors'
            cand --quiet 'Say nothing but data, warnings and errors'
            cand -v 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand --verbose 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'securecart;doctor'= {
            cand -p 'The profile to use, instead of the default one'
            cand --profile 'The profile to use, instead of the default one'
            cand --keychain 'Where to keep what is kept, instead of what the profile says'
            cand --region 'The region of STS and the bucket, instead of the profile''s'
            cand --json 'One JSON object a line, one line a check'
            cand -q 'Say nothing but data, warnings and errors'
            cand --quiet 'Say nothing but data, warnings and errors'
            cand -v 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand --verbose 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'securecart;logout'= {
            cand -p 'The profile to use, instead of the default one'
            cand --profile 'The profile to use, instead of the default one'
            cand --keychain 'Where to keep what is kept, instead of what the profile says'
            cand --region 'The region of STS and the bucket, instead of the profile''s'
            cand --all 'Sign out of everything that is kept, of every profile'
            cand -q 'Say nothing but data, warnings and errors'
            cand --quiet 'Say nothing but data, warnings and errors'
            cand -v 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand --verbose 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'securecart;completions'= {
            cand -p 'The profile to use, instead of the default one'
            cand --profile 'The profile to use, instead of the default one'
            cand --keychain 'Where to keep what is kept, instead of what the profile says'
            cand --region 'The region of STS and the bucket, instead of the profile''s'
            cand -q 'Say nothing but data, warnings and errors'
            cand --quiet 'Say nothing but data, warnings and errors'
            cand -v 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand --verbose 'Tell which services are asked and what is done again; -vv each request for your folder; never a secret'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'securecart;help'= {
            cand configure 'Set up a profile: sign-in, bucket, and the entry in ~/.aws/config'
            cand login 'Sign in'
            cand status 'Show every profile: who is signed in, which role, until when, which folder'
            cand whoami 'Ask AWS who you are'
            cand accounts 'List the accounts you may use'
            cand roles 'List the roles you may assume, in every account'
            cand credential-process 'Print credentials for an AWS tool: what ~/.aws/config calls'
            cand exec 'Run a command with your credentials'
            cand env 'Print your credentials as environment variables'
            cand console 'Open the AWS console, signed in with your credentials'
            cand broker-token 'Make a session for somebody else, limited to their own folder'
            cand ls 'List your folder'
            cand get 'Download from your folder'
            cand put 'Upload to your folder'
            cand rm 'Remove from your folder'
            cand doctor 'Check everything this program needs, and say what is wrong and who can fix it'
            cand logout 'Sign out: forget what is kept, and end the session at the portal'
            cand completions 'Print a completion script for a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'securecart;help;configure'= {
        }
        &'securecart;help;login'= {
        }
        &'securecart;help;status'= {
        }
        &'securecart;help;whoami'= {
        }
        &'securecart;help;accounts'= {
        }
        &'securecart;help;roles'= {
        }
        &'securecart;help;credential-process'= {
        }
        &'securecart;help;exec'= {
        }
        &'securecart;help;env'= {
        }
        &'securecart;help;console'= {
        }
        &'securecart;help;broker-token'= {
        }
        &'securecart;help;ls'= {
        }
        &'securecart;help;get'= {
        }
        &'securecart;help;put'= {
        }
        &'securecart;help;rm'= {
        }
        &'securecart;help;doctor'= {
        }
        &'securecart;help;logout'= {
        }
        &'securecart;help;completions'= {
        }
        &'securecart;help;help'= {
        }
    ]
    $completions[$command]
}
