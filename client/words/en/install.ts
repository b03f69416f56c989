export const install = {
  language: 'Language',
  button: 'Install as an app',
  byHand: 'How to keep this page as an app',
  how: 'In Safari, press Share and then “Add to Home Screen”.',
  why: 'Tabgrad then has an icon and a window of its own, and opens without a connection. It still trains only after you press Start.',
  offline:
    'You are offline. What is in hand goes on, and what gets finished is kept and sent once there is a connection.',
  offlineIdle: 'You are offline. Numbers from the server are missing until there is a connection.',
};
