import { axe, expect, fails, fits, kPhone, test } from './world'

test('the home page says what runs, what waits and why, and how it ended', async ({ as, world, picture }) => {
  const project = await world.project(world.scientist, [
    { name: 'train', command: 'for i in $(seq 1 14); do printf "epoch %d  \\033[32mloss 0.%d\\033[0m\\n" $i $((900 - i * 55)); done; sleep 1000', gpus: 1, replicas: 2 },
    { name: 'evaluate', command: 'curl -s -X POST -H "Authorization: Bearer $PINTLE_TOKEN" -H "Content-Type: application/json" -d "{\\"accuracy\\": 0.9678, \\"loss\\": 0.112}" $PINTLE_URL/api/v1/jobs/$PINTLE_JOB_ID/properties' },
    { name: 'tune', command: 'true', gpus: 3 },
    { name: 'broken', command: 'echo "loading shard 17/64"; echo "no such shard" >&2; exit 3' },
  ], world.unique('vision'))
  const training = await world.run(project, 'train')
  await world.reached(training, ['Running'])
  const waiting = await world.run(project, 'tune')
  await world.reached(waiting, ['Waiting for GPUs'])
  const evaluated = await world.reached(await world.run(project, 'evaluate'))
  const broken = await world.reached(await world.run(project, 'broken'))
  const page = await as('scientist', { ownSession: true })
  await page.goto('/')
  await expect(page.getByRole('region', { name: 'Running' })).toContainText(training.name)
  await expect(page.getByRole('region', { name: 'Waiting, and why' })).toContainText('it needs 3 GPUs')
  await expect(page.getByRole('region', { name: 'Recent results' })).toContainText(broken.name)
  await expect(page.getByRole('listitem').filter({ hasText: evaluated.name })).toContainText('accuracy 0.9678')
  await expect(page.getByRole('region', { name: 'GPUs of your group' })).toContainText('research')
  await axe(page)
  await picture(page, 'home')
  await page.goto('/jobs')
  await expect(page.getByRole('row', { name: new RegExp(waiting.name) })).toContainText('Waiting for GPUs')
  await picture(page, 'jobs')
  await page.goto(`/jobs/${training.id}`)
  await expect(page.getByRole('log')).toContainText('epoch 14')
  await picture(page, 'job')
  await page.goto(`/jobs/${training.id}/logs`)
  await expect(page.getByRole('log')).toContainText('epoch 14')
  await picture(page, 'logs')
  // It changes while one looks.
  await page.goto('/')
  await world.scientist.post(`/jobs/${training.id}/stop`)
  await expect(page.getByRole('region', { name: 'Recent results' })).toContainText(training.name)
  await expect(page.getByRole('region', { name: 'Running' })).not.toContainText(training.name)
})

test('the home page of somebody who has nothing yet teaches', async ({ as }) => {
  const page = await as('newcomer')
  await page.goto('/')
  await expect(page.getByRole('heading', { name: 'Your first project' })).toBeVisible()
  await axe(page)
  await page.getByRole('link', { name: 'New project' }).first().click()
  await expect(page).toHaveURL(/\/projects\/new/)
})

test('a part of the home page that fails leaves the rest alone', async ({ as, world, watchdog }) => {
  const project = await world.project()
  watchdog.allow(/500/)
  const page = await as('scientist', { viewport: kPhone })
  const repair = await fails(page, '/capability')
  await page.goto('/')
  await expect(page.getByRole('region', { name: 'GPUs of your group' }).getByRole('alert')).toContainText('The disk is on fire.')
  await expect(page.getByRole('region', { name: 'Projects', exact: true })).toContainText(project.name)
  await fits(page)
  await repair()
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('alert')).toBeHidden()
})
