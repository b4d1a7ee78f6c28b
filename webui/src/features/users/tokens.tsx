import { Button, Stack } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { User } from '@/api/cluster'
import { Loaded } from '@/ui/panel'
import { TimeAgo } from '@/ui/time'
import { sayDone, sayFailed } from '@/ui/toast'
import { revokeToken, tokensQuery, type Token } from './api'

/** Somebody's access tokens, for programs that act for them. */
export function Tokens({ user }: { user: User }) {
  const client = useQueryClient()
  const query = useQuery(tokensQuery(user.id))
  const revoke = async (token: Token) => {
    try {
      await revokeToken(client, user.id, token.id)
      sayDone(`The token ${token.name} is revoked.`)
    } catch (error) {
      sayFailed(`The token ${token.name} could not be revoked`, error)
    }
  }
  return (
    <Loaded query={query} what="The tokens could not be read" rows={2}>
      {(tokens) =>
        tokens.length === 0 ? (
          <span className="dim">None.</span>
        ) : (
          <Stack gap={0} component="ul" style={{ listStyle: 'none', margin: 0, padding: 0 }}>
            {tokens.map((token) => (
              <li key={token.id} style={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) max-content', gap: 10, alignItems: 'center', padding: '4px 0', borderBottom: '1px solid var(--line)' }}>
                <span style={{ minWidth: 0 }}>
                  <span className="clip" style={{ display: 'block' }} title={token.name}>
                    {token.name}
                  </span>
                  <span className="dim">
                    {token.scopes.join(', ')} · made <TimeAgo at={token.created_at} /> ·{' '}
                    {token.expires_at === null ? 'never expires' : <>{token.expired ? 'expired' : 'expires'} <TimeAgo at={token.expires_at} /></>}
                  </span>
                </span>
                <Button aria-label={`Revoke ${token.name}`} onClick={() => void revoke(token)}>
                  Revoke
                </Button>
              </li>
            ))}
          </Stack>
        )
      }
    </Loaded>
  )
}
