import { ActionIcon, Button, Menu, Tooltip, useMantineColorScheme, type MantineColorScheme } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { useQueryClient } from '@tanstack/react-query'
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { signOut, useMe } from '@/api/session'
import { NotificationBell } from '@/features/notifications/notification-bell'
import { SignInAgain } from '@/features/session/sign-in-again'
import { sayFailed } from '@/ui/toast'
import { listen, live, useLiveStatus } from './live'
import { kOperatorPlaces, kScientistPlaces, useGoKeys, type Place } from './places'
import { Palette, openPalette } from './palette'
import { ShortcutHelp } from './shortcut-help'
import classes from './shell.module.css'

/** The frame around every screen of somebody who is signed in. */
export function Shell() {
  const [menuOpen, setMenuOpen] = useState(false)
  const [help, setHelp] = useState(false)
  const path = useRouterState({ select: (state) => state.location.pathname })
  const operating = path.startsWith('/operator')
  const me = useMe()
  useGoKeys(me.isOperator)
  useHotkeys([['?', () => setHelp(true)]])
  useEffect(() => live.start(me.changes_at), [me.changes_at])
  return (
    <div className={classes.shell}>
      <a href="#main" className={classes.skip}>
        Skip to the content
      </a>
      <header className={classes.top}>
        <ActionIcon className={classes.burger} aria-label="Menu" aria-expanded={menuOpen} onClick={() => setMenuOpen(!menuOpen)}>
          <span aria-hidden="true">☰</span>
        </ActionIcon>
        <Link to={operating ? '/operator' : '/'} className={classes.logo}>
          <img src="/favicon.svg" alt="" width={18} height={18} />
          Pintle
        </Link>
        {operating && <span className="dim">Operator</span>}
        <span className={classes.space} />
        <button type="button" className={classes.search} onClick={openPalette} aria-label="Search and commands">
          <span>
            <span aria-hidden="true">⌕</span> <span className={classes.searchText}>Search</span>
          </span>
          <kbd className="mono">{navigator.platform.startsWith('Mac') ? '⌘K' : 'Ctrl K'}</kbd>
        </button>
        <NotificationBell user={me.user} listen={listen} />
        <UserMenu operating={operating} />
      </header>
      <ConnectionBanner />
      <nav className={classes.side} aria-label="Main" onClick={() => setMenuOpen(false)} {...(menuOpen ? { 'data-open': true } : {})}>
        <Places places={operating && me.isOperator ? kOperatorPlaces : kScientistPlaces} />
      </nav>
      <main id="main" className={classes.main} tabIndex={-1}>
        <Outlet />
      </main>
      <Palette />
      <ShortcutHelp opened={help} onClose={() => setHelp(false)} />
      <SignInAgain />
    </div>
  )
}

function Places({ places }: { places: Place[] }) {
  return (
    <>
      {places.map((place) => (
        <Link key={place.link.to} {...place.link} className={classes.link} activeOptions={{ exact: place.exact ?? false, includeSearch: false }}>
          {place.name}
        </Link>
      ))}
    </>
  )
}

function ConnectionBanner() {
  const status = useLiveStatus()
  if (status !== 'lost') return null
  return (
    <div className={classes.banner} role="status">
      <span className="tone-waiting" aria-hidden="true">
        ▲
      </span>
      The server cannot be reached. What you typed stays here; trying again…
      <Button onClick={() => live.retry()}>Try now</Button>
    </div>
  )
}

const kSchemes: [MantineColorScheme, string][] = [
  ['auto', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
]

function UserMenu({ operating }: { operating: boolean }) {
  const me = useMe()
  const client = useQueryClient()
  const navigate = useNavigate()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const leave = async () => {
    try {
      await signOut(client, false)
      await navigate({ to: '/welcome' })
    } catch (error) {
      sayFailed('Signing out did not work', error)
    }
  }
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <Tooltip label={`${me.user}, ${me.role}${me.group ? `, ${me.group}` : ''}`}>
          <Button variant="subtle" color="gray" maw={200} data-testid="user-menu">
            <span className="clip">{me.user}</span>
            <span aria-hidden="true" style={{ marginInlineStart: 4 }}>
              ▾
            </span>
          </Button>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label className="wrap">
          {me.user} · {me.role}
          {me.group ? ` · ${me.group}` : ''}
        </Menu.Label>
        {me.isOperator && (
          <>
            <Menu.Label>Dashboard</Menu.Label>
            <Menu.Item leftSection={<Mark shown={!operating} />} onClick={() => void navigate({ to: '/' })}>
              Data Scientist
            </Menu.Item>
            <Menu.Item leftSection={<Mark shown={operating} />} onClick={() => void navigate({ to: '/operator' })}>
              Operator
            </Menu.Item>
            <Menu.Divider />
          </>
        )}
        <Menu.Label>Colours</Menu.Label>
        {kSchemes.map(([scheme, name]) => (
          <Menu.Item key={scheme} leftSection={<Mark shown={colorScheme === scheme} />} onClick={() => setColorScheme(scheme)}>
            {name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={() => void navigate({ to: '/account' })}>Account and access tokens</Menu.Item>
        <Menu.Item onClick={() => void leave()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

function Mark({ shown }: { shown: boolean }) {
  return (
    <span aria-hidden="true" style={{ width: 12, display: 'inline-block' }}>
      {shown ? '✓' : ''}
    </span>
  )
}
