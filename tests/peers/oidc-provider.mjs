// A certified OpenID Connect provider, with a public client as a program on a laptop is. Run by oidc-provider.sh.
//
// usage: node oidc-provider.mjs DIR PORT   (a key and its certificate, oidc.key and oidc.crt, are in DIR)
import crypto from 'node:crypto';
import fs from 'node:fs';
import { Provider } from 'oidc-provider';

const [dir, port] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const certificate = fs.readFileSync(`${dir}/oidc.crt`, 'utf8').replace(/-----[^-]+-----|\n/g, '');
const key = crypto.createPrivateKey(fs.readFileSync(`${dir}/oidc.key`)).export({ format: 'jwk' });
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'securecart',
      token_endpoint_auth_method: 'none',
      application_type: 'native',
      grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'authorization_code', 'refresh_token'],
      redirect_uris: ['http://127.0.0.1/oauth/callback'],
      response_types: ['code'],
    },
  ],
  jwks: { keys: [{ ...key, kid: 'k1', use: 'sig', alg: 'RS256', x5c: [certificate] }] },
  features: { deviceFlow: { enabled: true }, revocation: { enabled: true }, devInteractions: { enabled: true } },
  pkce: { required: () => true, methods: ['S256'] },
  cookies: { keys: ['k'] },
  claims: { openid: ['sub'] },
  // An ID token that securecart thinks too short-lived to send 5 s after it was made.
  ttl: { IdToken: 65, AccessToken: 65, DeviceCode: 120, RefreshToken: 3600, Session: 3600, Grant: 3600, Interaction: 600 },
  rotateRefreshToken: true,
  findAccount: (_, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
});
for (const event of ['grant.success', 'grant.error', 'grant.revoked'])
  provider.on(event, (context, error) =>
    console.log(JSON.stringify({ event, grant: context?.oidc?.params?.grant_type, error: error?.message })),
  );
provider.listen(Number(port), '127.0.0.1', () => console.log(JSON.stringify({ event: 'ready', issuer })));
