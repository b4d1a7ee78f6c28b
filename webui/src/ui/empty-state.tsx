import { Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { Command } from './copy'

interface Props {
  title: string
  /** What the thing is for, in a sentence or two. */
  children: ReactNode
  command?: string
  /** One button. */
  action?: ReactNode
}

/** Where nothing is yet: what belongs there, one command, one button. */
export function EmptyState({ title, children, command, action }: Props) {
  return (
    <Stack gap={10} align="flex-start" maw={560} mx="auto" py={48} px={16} data-testid="empty">
      <Title order={2}>{title}</Title>
      <Text c="dimmed">{children}</Text>
      {command && <Command>{command}</Command>}
      {action}
    </Stack>
  )
}
