import { Group, Stack, Text } from '@mantine/core'
import { CopyIcon } from '@/ui/copy'
import { TimeAgo } from '@/ui/time'
import type { Invitation } from './api'

/** The link by which somebody sets a password. The server keeps only its fingerprint, so it is shown this once. */
export function InvitationLink({ invitation }: { invitation: Invitation }) {
  return (
    <Stack gap={6} p={10} style={{ border: '1px solid var(--line-strong)', borderRadius: 4 }} role="status">
      <Text>
        Send <strong className="wrap">{invitation.user.name}</strong> this link. It is shown only now, sets a password once, and is good until <TimeAgo at={invitation.expires_at} />.
      </Text>
      <Group gap={6} wrap="nowrap" align="flex-start">
        <span className="mono wrap" data-testid="invitation">
          {invitation.link}
        </span>
        <CopyIcon value={invitation.link} what="Copy the link" />
      </Group>
    </Stack>
  )
}
