import { Button, Paper, PasswordInput, Stack, Text, Title } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { api, take } from '@/api/client'
import { ApiError } from '@/api/error'
import { signIn } from '@/api/session'
import { ErrorPanel, Loaded } from '@/ui/panel'
import { ProviderButtons } from './provider-buttons'
import { SignInForm } from './sign-in-form'
import { waysQuery } from '@/api/sign-in-ways'

/** Read once: neither the history nor a bookmark keeps the code of a link. */
function takeCode(): string {
  const code = globalThis.location.hash.slice(1)
  if (!code.startsWith('pin_')) return ''
  globalThis.history.replaceState(globalThis.history.state, '', globalThis.location.pathname + globalThis.location.search)
  return code
}

/** Signing in, and setting a password with the link that a new user was given. */
export function WelcomePage({ next }: { next: string }) {
  const [code] = useState(takeCode)
  const router = useRouter()
  const done = () => router.history.push(next)
  useEffect(() => {
    document.title = 'Sign in · Pintle'
  }, [])
  return (
    <main style={{ height: '100%', overflow: 'auto', padding: 16, background: 'var(--surface-raised)' }}>
      <Paper maw={380} mx="auto" mt="12vh" p={24} withBorder>
        {code ? <FirstPassword code={code} onDone={done} /> : <SignIn next={next} onDone={done} />}
      </Paper>
    </main>
  )
}

function SignIn({ next, onDone }: { next: string; onDone: () => void }) {
  const ways = useQuery(waysQuery)
  return (
    <Stack gap={12}>
      <Title order={1}>Sign in to Pintle</Title>
      <Loaded query={ways} what="The ways to sign in could not be read" rows={3}>
        {(found) => (
          <>
            {found.password && <SignInForm onDone={onDone} />}
            <ProviderButtons providers={found.providers} returnTo={next} />
            {found.password && (
              <Text size="sm" c="dimmed">
                No account yet, or the password is lost? An operator of this server can give you a link.
              </Text>
            )}
          </>
        )}
      </Loaded>
    </Stack>
  )
}

function FirstPassword({ code, onDone }: { code: string; onDone: () => void }) {
  const client = useQueryClient()
  const invite = useQuery({
    queryKey: ['static', 'invite', code],
    queryFn: () => take(api.POST('/invite', { body: { invite: code } })),
    staleTime: Infinity,
    retry: false,
  })
  const [first, setFirst] = useState('')
  const [second, setSecond] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const submit = async (user: string) => {
    setBusy(true)
    setError(null)
    try {
      await take(api.POST('/password', { body: { invite: code, password: first } }))
      await signIn(client, user, first)
      onDone()
    } catch (fault) {
      setError(fault)
    } finally {
      setBusy(false)
    }
  }
  if (invite.error instanceof ApiError && !invite.error.isUnreachable) {
    return (
      <Stack gap={12}>
        <Title order={1}>This link is of no use any more</Title>
        <Text>{invite.error.message}</Text>
        <Button component="a" href="/welcome">
          Sign in with a password
        </Button>
      </Stack>
    )
  }
  return (
    <Loaded query={invite} what="The link could not be looked up" rows={4}>
      {(found) => (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (first === second) void submit(found.user)
          }}
        >
          <Stack gap={12}>
            <Title order={1} className="wrap">
              Welcome, {found.user}
            </Title>
            <Text c="dimmed">Choose a password. The link works once.</Text>
            <input type="text" autoComplete="username" value={found.user} readOnly hidden />
            <PasswordInput label="New password" autoComplete="new-password" required autoFocus value={first} onChange={(event) => setFirst(event.currentTarget.value)} />
            <PasswordInput label="The same again" autoComplete="new-password" required value={second} onChange={(event) => setSecond(event.currentTarget.value)} error={second !== '' && first !== second ? 'The two passwords differ.' : null} />
            {error !== null && <ErrorPanel error={error} />}
            <Button type="submit" size="sm" variant="filled" loading={busy} disabled={first !== second}>
              Set it and sign in
            </Button>
          </Stack>
        </form>
      )}
    </Loaded>
  )
}
