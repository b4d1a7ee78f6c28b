import { Modal, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { whenSignedOut } from '@/api/client'
import { sessionQuery, useMe } from '@/api/session'
import { ProviderButtons } from './provider-buttons'
import { SignInForm } from './sign-in-form'
import { waysQuery } from '@/api/sign-in-ways'

/** Asks for the password again when the session has ended, over the page, so that nothing typed is lost. */
export function SignInAgain() {
  const client = useQueryClient()
  const me = useMe()
  const [ended, setEnded] = useState(false)
  useEffect(() => whenSignedOut(() => setEnded(true)), [])
  const ways = useQuery({ ...waysQuery, enabled: ended })
  return (
    // Above everything, the search among it, which is over the other dialogs.
    <Modal opened={ended} onClose={() => {}} zIndex={10_000} withCloseButton={false} closeOnEscape={false} closeOnClickOutside={false} title="Your session has ended">
      <Text mb={12}>Sign in to go on where you were. What you typed is still there.</Text>
      {ways.data?.password !== false && (
        <SignInForm
          user={me.user}
          onDone={(session) => {
            // Somebody else must not go on with this one's page.
            if (session.user !== me.user) globalThis.location.assign('/')
            setEnded(false)
            client.setQueryData(sessionQuery.queryKey, session)
            void client.invalidateQueries()
          }}
        />
      )}
      {ways.data && <ProviderButtons providers={ways.data.providers} returnTo={globalThis.location.pathname + globalThis.location.search} />}
    </Modal>
  )
}
