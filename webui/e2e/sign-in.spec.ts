import { axe, expect, kNames, kPassword, test, World } from './world'

test('the link of the first start sets a password and leads home', async ({ browser }) => {
  const world = await World.fresh()
  try {
    const context = await browser.newContext({ baseURL: world.url })
    const page = await context.newPage()
    await page.goto(`/welcome#${await world.welcomeCode()}`)
    await expect(page.getByRole('heading', { name: 'Welcome, operator' })).toBeVisible()
    expect(page.url(), 'the code is not kept in the address').not.toContain('pin_')
    await axe(page)
    await page.getByLabel('New password').fill(kPassword)
    await page.getByLabel('The same again').fill(`${kPassword}!`)
    await expect(page.getByText('The two passwords differ.')).toBeVisible()
    await page.getByLabel('The same again').fill(kPassword)
    await page.getByRole('button', { name: 'Set it and sign in' }).click()
    await expect(page.getByTestId('user-menu')).toHaveText(/operator/)
    expect(new URL(page.url()).pathname).toBe('/')
    await page.goto(`/welcome#${await world.welcomeCode()}`)
    await expect(page.getByRole('heading', { name: 'This link is of no use any more' })).toBeVisible()
    await context.close()
  } finally {
    await world.stop()
  }
})

test('whoever has a password signs in and out', async ({ page }) => {
  await page.goto('/')
  await expect(page).toHaveURL('/welcome')
  await axe(page)
  await page.getByLabel('Name').fill(kNames.scientist)
  await page.getByRole('textbox', { name: 'Password' }).fill(kPassword)
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('user-menu')).toHaveText(/ana/)
  await page.getByTestId('user-menu').click()
  await page.getByRole('menuitem', { name: 'Sign out', exact: true }).click()
  await expect(page).toHaveURL('/welcome')
  await page.goto('/jobs')
  await expect(page.getByRole('heading', { name: 'Sign in to Pintle' })).toBeVisible()
})

test('a wrong password is told and what was typed stays', async ({ page }) => {
  await page.goto('/welcome')
  await page.getByLabel('Name').fill(kNames.scientist)
  await page.getByRole('textbox', { name: 'Password' }).fill('wrong')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('alert')).toBeVisible()
  await expect(page.getByLabel('Name')).toHaveValue(kNames.scientist)
  await axe(page)
})

test('a data scientist never sees the dashboard of operators', async ({ as }) => {
  const page = await as('scientist')
  await page.goto('/')
  await page.getByTestId('user-menu').click()
  await expect(page.getByRole('menuitem', { name: /sign out/i }).first()).toBeVisible()
  await expect(page.getByRole('menu').getByText(/operator/i)).toHaveCount(0)
  await page.keyboard.press('Escape')
  for (const path of ['/operator', '/operator/users', '/operator/audit']) {
    await page.goto(path)
    await expect(page.getByRole('heading', { name: /nothing here/i })).toBeVisible()
  }
})

test('an operator changes between the dashboards', async ({ as }) => {
  const page = await as('operator')
  await page.goto('/')
  await page.getByTestId('user-menu').click()
  await page.getByRole('menuitem', { name: 'Operator' }).click()
  await expect(page).toHaveURL('/operator')
  await expect(page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Users' })).toBeVisible()
  await axe(page)
})

test('a session that ends is asked for over the page', async ({ as }) => {
  const page = await as('scientist', { ownSession: true })
  await page.goto('/jobs')
  await expect(page.getByTestId('user-menu')).toHaveText(/ana/)
  await page.context().clearCookies()
  await page.keyboard.press('Control+k')
  await page.getByRole('textbox', { name: 'Search and commands' }).fill('tiny')
  const dialog = page.getByRole('dialog', { name: 'Your session has ended' })
  await expect(dialog).toBeVisible()
  await axe(page)
  await expect(dialog.getByLabel('Name')).toHaveValue(kNames.scientist)
  await dialog.getByRole('textbox', { name: 'Password' }).fill(kPassword)
  await dialog.getByRole('button', { name: 'Sign in' }).click()
  await expect(dialog).toBeHidden()
  await expect(page).toHaveURL('/jobs')
})

test('a deep link survives the sign-in', async ({ page }) => {
  await page.goto('/jobs?show=owned')
  await expect(page).toHaveURL(/\/welcome\?next=/)
  await page.getByLabel('Name').fill(kNames.scientist)
  await page.getByRole('textbox', { name: 'Password' }).fill(kPassword)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page).toHaveURL(/\/jobs/)
  await expect(page.getByTestId('user-menu')).toBeVisible()
})

test('a sign-in sends nobody to another server', async ({ page }) => {
  await page.goto('/welcome?next=//evil.example/')
  await page.getByLabel('Name').fill(kNames.scientist)
  await page.getByRole('textbox', { name: 'Password' }).fill(kPassword)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByTestId('user-menu')).toBeVisible()
  await expect(page).toHaveURL('/')
})
