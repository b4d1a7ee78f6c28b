import type { Page } from '@playwright/test'
import { inTheme } from './theme'
import { axe, expect, fails, fits, kPhone, test } from './world'

const kScientistPaths = ['/', '/projects', '/projects/new', '/jobs', '/queue', '/account']
const kOperatorPaths = ['', '/queue', '/users', '/groups', '/pools', '/nodes', '/devices', '/storages', '/audit', '/settings'].map((path) => `/operator${path}`)

async function search(page: Page, text: string) {
  const field = page.getByRole('textbox', { name: 'Search and commands' })
  await expect(page.getByTestId('user-menu')).toBeVisible()
  await expect(field).toHaveCount(0)
  await page.keyboard.press('Control+k')
  await expect(field).toBeFocused()
  await field.fill(text)
  return field
}

/** A page that is told of changes from now on. */
async function openLive(page: Page, path: string) {
  const stream = page.waitForResponse(/\/api\/v1\/changes/)
  await page.goto(path)
  await stream
}

test('the search finds a project and a job and goes there', async ({ as, world }) => {
  const project = await world.project()
  const job = await world.run(project, 'quick')
  const page = await as('scientist')
  await page.goto('/')
  await search(page, project.name)
  await expect(page.getByRole('button', { name: `${project.name}/quick:1` })).toBeVisible()
  await axe(page)
  await page.getByRole('button', { name: `${project.name}/quick:1` }).click()
  await expect(page).toHaveURL(`/jobs/${job.id}`)
  await search(page, project.name)
  const selected = page.locator('[data-selected]')
  await expect(selected).toContainText(project.name)
  await expect(selected).not.toContainText('quick:1')
  await page.keyboard.press('ArrowDown')
  await expect(selected).toContainText(`${project.name}/quick:1`)
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(new RegExp(`/projects/${project.name}`))
})

test('the search tells nobody of the work of another group', async ({ as, world }) => {
  const project = await world.project()
  const page = await as('stranger')
  await page.goto('/')
  await search(page, project.name)
  await expect(page.getByText('Nothing of that name')).toBeVisible()
})

test('an operator finds people, groups and pools', async ({ as }) => {
  const page = await as('operator')
  await page.goto('/')
  const field = await search(page, 'research')
  await expect(page.getByText('GPUs in use')).toBeVisible()
  await field.fill('ana')
  await page.getByRole('button', { name: /^ana/ }).click()
  await expect(page).toHaveURL('/operator/users?user=ana')
})

test('a search that fails says so and leaves the commands', async ({ as, watchdog }) => {
  watchdog.allow(/^500/)
  const page = await as('scientist')
  await page.goto('/')
  await fails(page, '/jobs?*text=*')
  await search(page, 'Projects')
  await expect(page.getByRole('button', { name: /Projects/ })).toBeVisible()
  await page.getByRole('textbox', { name: 'Search and commands' }).fill('qqq')
  await expect(page.getByText('The server could not search.')).toBeVisible()
})

test('two keys go to each place, but not while somebody types', async ({ as }) => {
  const page = await as('operator')
  await page.goto('/')
  await expect(page.getByTestId('user-menu')).toBeVisible()
  for (const [key, path] of [['j', '/jobs'], ['p', '/projects'], ['q', '/queue'], ['o', '/operator'], ['u', '/operator/users'], ['n', '/operator/nodes'], ['h', '/']] as const) {
    await page.keyboard.press('g')
    await page.keyboard.press(key)
    await expect(page).toHaveURL((url) => url.pathname === path)
  }
  const field = await search(page, '')
  await page.keyboard.type('gj')
  await expect(field).toHaveValue('gj')
  expect(new URL(page.url()).pathname).toBe('/')
})

test('a question mark lists the keys', async ({ as }) => {
  const page = await as('scientist')
  await page.goto('/')
  await expect(page.getByTestId('user-menu')).toBeVisible()
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible()
  await axe(page)
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog', { name: 'Keyboard' })).toBeHidden()
})

test('the colours are chosen and kept', async ({ as }) => {
  const page = await as('scientist')
  await page.goto('/')
  const scheme = () => page.evaluate(() => document.documentElement.dataset.mantineColorScheme)
  expect(await scheme()).toBe('light')
  await inTheme(page, 'dark')
  await axe(page)
  await inTheme(page, 'light')
  await page.getByTestId('user-menu').click()
  await page.getByRole('menuitem', { name: 'Dark' }).click()
  await expect.poll(scheme).toBe('dark')
  await page.reload({ waitUntil: 'commit' })
  await expect.poll(scheme).toBe('dark')
})

for (const [role, paths] of [['scientist', kScientistPaths], ['operator', kOperatorPaths]] as const) {
  for (const path of paths) {
    test(`nothing at ${path} is in the way of people with impairments, in both themes`, async ({ as }) => {
      const page = await as(role)
      await page.goto(path)
      await expect(page.getByTestId('user-menu')).toBeVisible()
      await expect(page.locator('#main')).not.toBeEmpty()
      await expect(page.locator('[aria-busy=true]')).toHaveCount(0)
      await axe(page)
      await inTheme(page, 'dark')
      await axe(page)
    })
  }
}

test('on a phone the menu opens, leads away and closes, and every place fits', async ({ as }) => {
  const page = await as('operator', { viewport: kPhone })
  await page.goto('/')
  const places = page.getByRole('navigation', { name: 'Main' })
  await expect(places).toBeHidden()
  await page.getByRole('button', { name: 'Menu' }).click()
  await expect(places).toBeVisible()
  await axe(page)
  await places.getByRole('link', { name: 'Jobs' }).click()
  await expect(page).toHaveURL((url) => url.pathname === '/jobs')
  await expect(places).toBeHidden()
  for (const path of [...kScientistPaths, ...kOperatorPaths]) {
    await page.goto(path)
    await expect(page.getByTestId('user-menu')).toBeVisible()
    await test.step(path, () => fits(page))
  }
})

test('jobs of mine that finish and fail are announced, and those of others are not', async ({ as, world }) => {
  const project = await world.project()
  const page = await as('scientist')
  await openLive(page, '/')
  await expect(page.getByRole('button', { name: 'Notifications', exact: true })).toBeVisible()
  const other = await world.run(await world.project(world.stranger), 'quick', world.stranger)
  await world.reached(other)
  const good = await world.run(project, 'quick')
  await world.reached(good)
  const bad = await world.run(project, 'fails')
  await world.reached(bad)
  await page.getByRole('button', { name: 'Notifications, 2 new' }).click()
  const news = page.getByRole('dialog').getByRole('listitem')
  await expect(news).toHaveCount(2)
  await expect(news.first()).toContainText('Error')
  await expect(news.last()).toContainText('Complete')
  await axe(page)
  await news.first().getByRole('link').click()
  await expect(page).toHaveURL((url) => url.pathname === `/jobs/${bad.id}`)
  await expect(page.getByRole('button', { name: 'Notifications', exact: true })).toBeVisible()
})

test('a page outlives its server, says so, and goes on with what was typed', async ({ as, world, watchdog }) => {
  watchdog.allow(/ERR_|^50\d/)
  const project = await world.project()
  const page = await as('scientist')
  await openLive(page, '/jobs')
  const field = await search(page, 'half a wo')
  const banner = page.getByRole('status').filter({ hasText: 'The server cannot be reached.' })
  await world.server.kill()
  try {
    await expect(banner).toBeVisible()
  } finally {
    await world.server.start()
  }
  await expect(banner).toBeHidden({ timeout: 30_000 })
  await expect(field).toHaveValue('half a wo')
  await field.fill(project.name)
  await expect(page.getByRole('button', { name: project.name }).first()).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page).toHaveURL((url) => url.pathname === '/jobs')
})

test('the search over everything opens from within a filter and an editor too', async ({ as, world }) => {
  const project = await world.project()
  const page = await as('scientist')
  const search = page.getByRole('textbox', { name: 'Search and commands' })
  await page.goto('/projects')
  await page.getByRole('textbox', { name: 'Filter by name or summary' }).focus()
  await page.keyboard.press('Control+k')
  await expect(search).toBeFocused()
  await page.keyboard.press('Escape')
  await page.goto(`/projects/${project.name}/tasks?view=yaml`)
  await page.getByRole('textbox', { name: 'Project document in YAML' }).click()
  await page.keyboard.press('Control+k')
  await expect(search).toBeFocused()
})
