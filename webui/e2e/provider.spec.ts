import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { freePort, startIdentityProvider, type IdentityProvider } from './identity-provider'
import { axe, expect, test as base, World } from './world'

interface Site {
  url: string
  world: World
  provider: IdentityProvider
}

// A server that knows a provider is one of its own: the others' sign-in page must not have a button more.
const test = base.extend<object, { site: Site }>({
  site: [
    async ({}, give) => {
      const port = await freePort()
      const url = `http://127.0.0.1:${port}`
      const provider = await startIdentityProvider(`${url}/api/v1/sign-in/company/callback`)
      const folder = mkdtempSync(join(tmpdir(), 'pintle-provider-'))
      const secret = join(folder, 'secret')
      writeFileSync(secret, `${provider.client_secret}\n`)
      const settings = `{name: company, issuer: "${provider.issuer}", client_id: ${provider.client_id}, client_secret_file: "${secret}", onboard: true}`
      const world = await World.fresh(`sign_in:\n  providers:\n  - ${settings}\n`, port)
      await give({ url, world, provider })
      await world.stop()
      await provider.stop()
      rmSync(folder, { recursive: true })
    },
    { scope: 'worker', timeout: 60_000 },
  ],
})

/** What somebody does at the provider, which is another site. */
async function signInThere(page: Page, { provider }: Site, name: string, button = 'Sign in') {
  await expect(page).toHaveURL(new RegExp(`^${provider.issuer}/`))
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Password').fill(provider.accounts[name] ?? '')
  await page.getByRole('button', { name: button, exact: true }).click()
}

test.beforeEach(({ watchdog, site }) => watchdog.allow(/another origin/, new RegExp(site.provider.issuer)))

test('somebody whom the provider knows signs in and comes back to where they were going', async ({ page, site }) => {
  await page.goto(`${site.url}/jobs?show=owned`)
  await expect(page.getByRole('heading', { name: 'Sign in to Pintle' })).toBeVisible()
  await axe(page)
  await page.getByRole('link', { name: 'Sign in with company' }).click()
  await signInThere(page, site, 'ana')
  await expect(page.getByTestId('user-menu')).toHaveText(/ana/)
  await expect(page).toHaveURL(`${site.url}/jobs?show=owned`)
  await page.getByTestId('user-menu').click()
  await page.getByRole('menuitem', { name: 'Sign out', exact: true }).click()
  await expect(page.getByRole('link', { name: 'Sign in with company' })).toBeVisible()
})

test('who refuses at the provider is told, and may try again', async ({ page, site, watchdog }) => {
  watchdog.allow(/40[0-9]/)
  await page.goto(`${site.url}/welcome`)
  await page.getByRole('link', { name: 'Sign in with company' }).click()
  await signInThere(page, site, 'ben', 'Refuse')
  await expect(page.getByText(/refused/)).toBeVisible()
  await axe(page)
  await page.getByRole('link', { name: 'Try again' }).click()
  await expect(page.getByRole('heading', { name: 'Sign in to Pintle' })).toBeVisible()
})

test('a session that ended is begun again at the provider without losing the place', async ({ page, site }) => {
  await page.goto(`${site.url}/projects?text=x`)
  await page.getByRole('link', { name: 'Sign in with company' }).click()
  await signInThere(page, site, 'ana')
  await expect(page.getByTestId('user-menu')).toHaveText(/ana/)
  // The provider goes on knowing them, as it does in life; only Pintle's session has ended.
  const cookies = await page.context().cookies()
  await page.context().clearCookies()
  await page.context().addCookies(cookies.filter((each) => each.name !== 'pintle_session'))
  await page.keyboard.press('Control+k')
  await page.getByRole('textbox', { name: 'Search and commands' }).fill('tiny')
  const dialog = page.getByRole('dialog', { name: 'Your session has ended' })
  await dialog.getByRole('link', { name: 'Sign in with company' }).click()
  await expect(page.getByTestId('user-menu')).toHaveText(/ana/)
  await expect(page).toHaveURL(`${site.url}/projects?text=x`)
})

test('an account that exists is linked to the provider, which signs in to it from then on', async ({ browser, site, watchdog }) => {
  const context = await browser.newContext({ baseURL: site.url })
  watchdog.watch(context)
  const page = await context.newPage()
  await page.goto(`/welcome#${await site.world.welcomeCode()}`)
  await page.getByLabel('New password').fill('correct horse battery')
  await page.getByLabel('The same again').fill('correct horse battery')
  await page.getByRole('button', { name: 'Set it and sign in' }).click()
  await expect(page.getByTestId('user-menu')).toHaveText(/operator/)
  await page.goto('/account')
  await axe(page)
  await page.getByRole('button', { name: 'Link with company' }).click()
  await signInThere(page, site, 'ben')
  await expect(page).toHaveURL(/\/account/)
  await page.getByTestId('user-menu').click()
  await page.getByRole('menuitem', { name: 'Sign out', exact: true }).click()
  await page.getByRole('link', { name: 'Sign in with company' }).click()
  await expect(page.getByTestId('user-menu')).toHaveText(/operator/)
  await context.close()
})
