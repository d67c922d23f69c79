// A page's own timers are slowed to one a minute when its tab is hidden; a worker's are not. Presence must not depend on looking.
let timer = 0;
self.onmessage = (event) => {
  clearInterval(timer);
  if (event.data > 0) timer = setInterval(() => self.postMessage("beat"), event.data);
};
