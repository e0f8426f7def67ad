// A person in a browser: goes to an address, and fills each form it meets until there is none. Run by oidc-provider.sh.
//
// usage: node oidc-person.mjs ADDRESS NAME [CODE]
const [address, name, code] = process.argv.slice(2);
const jar = new Map();
const attribute = (tag, wanted) => tag.match(new RegExp(`\\b${wanted}="([^"]*)"`))?.[1];

async function visit(url, options = {}) {
  for (let hop = 0; hop < 20; hop++) {
    const cookie = [...jar].map(([key, value]) => `${key}=${value}`).join('; ');
    const reply = await fetch(url, { ...options, redirect: 'manual', headers: { ...options.headers, cookie } });
    for (const line of reply.headers.getSetCookie()) {
      const [, key, value] = line.match(/^([^=]+)=([^;]*)/);
      value ? jar.set(key, value) : jar.delete(key);
    }
    if (reply.status < 300 || reply.status > 399) return { url, status: reply.status, text: await reply.text() };
    url = new URL(reply.headers.get('location'), url).href;
    options = {};
  }
  throw new Error('too many redirects');
}

let page = await visit(address);
for (let step = 0; step < 10; step++) {
  const form = page.text.match(/<form[^>]*method="post"[^>]*>[\s\S]*?<\/form>/i)?.[0];
  if (!form) break;
  const fields = new URLSearchParams();
  for (const [input] of form.matchAll(/<input[^>]*>/gi)) {
    const field = attribute(input, 'name');
    if (field === 'abort') continue;
    if (field) fields.set(field, { login: name, password: 'x', user_code: code }[field] ?? attribute(input, 'value') ?? '');
  }
  const action = attribute(form.match(/<form[^>]*>/)[0], 'action');
  page = await visit(new URL(action ?? '', page.url).href, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: fields.toString(),
  });
}
console.log(page.status, page.url, page.text.match(/<h1>[^<]*/)?.[0] ?? '');
process.exit(page.status === 200 ? 0 : 1);
