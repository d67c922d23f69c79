// Shows what is pushed, and leads to its page on a click: of this site alone, where it is open already or anew.
onpush = (event) => {
  const { title, url, ...more } = event.data.json();
  event.waitUntil(registration.showNotification(title, { data: url, ...more }));
};
onnotificationclick = (event) => {
  event.notification.close();
  const url = `${origin}/${event.notification.data.slice(1)}`;
  event.waitUntil(clients.matchAll().then((all) => all.find((one) => one.url === url)?.focus() ?? clients.openWindow(url)));
};
