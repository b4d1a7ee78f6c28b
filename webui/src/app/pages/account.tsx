import { AccountPage } from '@/features/account/account-page'
import { AccountsPanel } from '@/features/accounts/accounts-panel'

/** Who one is here, and what one's jobs may open elsewhere. */
export function Account() {
  return <AccountPage beside={<AccountsPanel />} />
}
