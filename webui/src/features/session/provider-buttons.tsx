import { Button, Stack } from '@mantine/core'
import type { Schemas } from '@/api/client'

interface Props {
  providers: Schemas['SignInProvider'][]
  returnTo: string
}

/** The browser leaves for the identity provider and comes back signed in. */
export function ProviderButtons({ providers, returnTo }: Props) {
  if (providers.length === 0) return null
  return (
    <Stack gap={8} mt={12}>
      {providers.map((provider) => (
        <Button key={provider.name} component="a" size="sm" href={`/api/v1/sign-in/${encodeURIComponent(provider.name)}?return_to=${encodeURIComponent(returnTo)}`}>
          Sign in with {provider.name}
        </Button>
      ))}
    </Stack>
  )
}
