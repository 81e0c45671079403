// The identity provider that tests sign in at: node provider.mjs MODULE PORT ACCOUNTS REDIRECT...
//
// MODULE is oidc-provider's file, ACCOUNTS a file of JSON: what the provider says of each account, read with each question.
// `ago` of an account is the minutes since it was asked who it is, until it is asked again. Whoever writes an account's name
// into the form has shown who they are. It ends with its standard input.

import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [module, port, accounts, ...redirects] = process.argv.slice(2);
const { Provider } = await import(pathToFileURL(module));
const known = (id) => JSON.parse(readFileSync(accounts, 'utf8'))[id];

const provider = new Provider(`http://localhost:${port}`, {
  clients: [{
    client_id: 'changeover',
    client_secret: 'a secret that two know',
    redirect_uris: redirects,
    require_auth_time: true,
  }],
  claims: { profile: ['name'], email: ['email', 'email_verified'], groups: ['groups'] },
  scopes: ['openid', 'groups'],
  findAccount: (_, id) => known(id) && { accountId: id, claims: () => ({ sub: id, ...known(id) }) },
  // Everybody has agreed to what this client asks.
  async loadExistingGrant(ctx) {
    const { account, client, params, session, provider: { Grant } } = ctx.oidc;
    const { ago } = known(account.accountId);
    if (ago && !params.prompt?.includes('login')) session.loginTs = Math.floor(Date.now() / 1000) - ago * 60;
    const grant = new Grant({ clientId: client.clientId, accountId: account.accountId });
    grant.addOIDCScope('openid profile email groups');
    await grant.save();
    return grant;
  },
  cookies: { keys: ['for as long as a test takes'] },
});

provider.listen(Number(port), 'localhost', () => console.log('ready'));
process.stdin.on('end', () => process.exit()).resume();
