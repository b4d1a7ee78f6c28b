// An OpenID Connect provider for tests: in memory, on 127.0.0.1, with two accounts. Prints its issuer when it is ready.
// Usage: node server.mjs PORT CLIENT_JSON, where CLIENT_JSON is the client's registration. The port cannot be 0,
// because the issuer has to be known beforehand.
import { generateKeyPairSync } from 'node:crypto';
import http from 'node:http';

import Provider from 'oidc-provider';

const [port, clientText] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

const accounts = {
  ana: { password: 'ana-password', sub: 'subject-ana', name: 'Ana Lee', email: 'ana@example.org', verified: true },
  ben: { password: 'ben-password', sub: 'subject-ben', name: 'Ben Ode', email: 'ben@example.org', verified: false },
};

function claimsOf(name) {
  const { sub, name: fullName, email, verified } = accounts[name];
  return { sub, name: fullName, preferred_username: name, email, email_verified: verified };
}

async function findAccount(ctx, sub) {
  const name = Object.keys(accounts).find((each) => accounts[each].sub === sub);
  return name && { accountId: sub, claims: async () => claimsOf(name) };
}

function newKey(kid, type, options) {
  return { ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), kid, use: 'sig' };
}

const keys = [
  newKey('rsa', 'rsa', { modulusLength: 2048 }),
  newKey('p256', 'ec', { namedCurve: 'P-256' }),
  newKey('ed25519', 'ed25519'),
];

const provider = new Provider(issuer, {
  clients: [JSON.parse(clientText)],
  jwks: { keys },
  enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA'] },
  findAccount,
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'] },
  pkce: { methods: ['S256'], required: () => true },
  cookies: { keys: ['for tests only'] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  ttl: { AccessToken: 600, AuthorizationCode: 60, IdToken: 600, Interaction: 600, Session: 600, Grant: 600 },
});

async function bodyOf(request) {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > 10000) throw new Error('the form is too large');
  }
  return new URLSearchParams(text);
}

function page(response, status, fault) {
  response.writeHead(status, { 'Content-Type': 'text/html; charset=utf-8' });
  response.end(`<!doctype html><title>Sign in</title><p>${fault}</p>
<form method="post">
<label>Name <input name="name"></label>
<label>Password <input name="password" type="password"></label>
<button>Sign in</button>
<button name="refuse" value="1">Refuse</button>
</form>`);
}

// Whoever signs in agrees to everything that the client asks for.
async function grantTo(details, accountId) {
  const grant = new provider.Grant({ accountId, clientId: details.params.client_id });
  grant.addOIDCScope(details.params.scope);
  return grant.save();
}

async function interact(request, response) {
  const details = await provider.interactionDetails(request, response);
  if (details.prompt.name === 'consent') {
    const grantId = await grantTo(details, details.session.accountId);
    return provider.interactionFinished(request, response, { consent: { grantId } }, { mergeWithLastSubmission: true });
  }
  if (request.method !== 'POST') return page(response, 200, '');
  const form = await bodyOf(request);
  if (form.has('refuse')) {
    const refusal = { error: 'access_denied', error_description: 'the person refused' };
    return provider.interactionFinished(request, response, refusal, { mergeWithLastSubmission: false });
  }
  const account = Object.hasOwn(accounts, form.get('name') ?? '') ? accounts[form.get('name')] : undefined;
  if (!account || account.password !== form.get('password')) return page(response, 403, 'Wrong name or password.');
  const result = { login: { accountId: account.sub }, consent: { grantId: await grantTo(details, account.sub) } };
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

const answer = provider.callback();
const server = http.createServer((request, response) => {
  if (!request.url.startsWith('/interaction/')) return answer(request, response);
  return interact(request, response).catch((error) => {
    if (!response.headersSent) response.writeHead(400, { 'Content-Type': 'text/plain' });
    response.end(`${error.name}: ${error.message}\n`);
  });
});
server.listen(Number(port), '127.0.0.1', () => console.log(issuer));
