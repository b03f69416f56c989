/**
 * Stands in for the service worker of the pages where OFFLINE_PAGES is "off": whoever has one gets this in its place at
 * the next visit, and it removes what was kept, and itself.
 */
export const SERVICE_WORKER_OFF = `self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(leave()));
async function leave() {
  for (const name of await caches.keys()) if (name.startsWith('tabgrad-pages-')) await caches.delete(name);
  await self.registration.unregister();
}
`;
