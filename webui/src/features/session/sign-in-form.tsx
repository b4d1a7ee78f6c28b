import { Button, PasswordInput, Stack, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { signIn, type Session } from '@/api/session'
import { ErrorPanel } from '@/ui/panel'

interface Props {
  /** Whose session ended; the name is asked for unless given. */
  user?: string
  onDone: (session: Session) => void
}

export function SignInForm({ user, onDone }: Props) {
  const client = useQueryClient()
  const [name, setName] = useState(user ?? '')
  const [password, setPassword] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const submit = async () => {
    setBusy(true)
    setError(null)
    try {
      onDone(await signIn(client, name, password))
    } catch (fault) {
      setError(fault)
    } finally {
      setBusy(false)
    }
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <Stack gap={12}>
        <TextInput size="sm" label="Name" autoComplete="username" autoCapitalize="none" spellCheck={false} required value={name} onChange={(event) => setName(event.currentTarget.value)} autoFocus={!user} />
        <PasswordInput label="Password" autoComplete="current-password" required value={password} onChange={(event) => setPassword(event.currentTarget.value)} autoFocus={!!user} data-autofocus={user ? true : undefined} />
        {error !== null && <ErrorPanel error={error} />}
        <Button type="submit" size="sm" variant="filled" loading={busy}>
          Sign in
        </Button>
      </Stack>
    </form>
  )
}
