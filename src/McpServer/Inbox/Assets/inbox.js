// Keeps an open page up to date, and answers to keys. Every page does without: links and forms are enough.
'use strict';
(() => {
  const main = document.querySelector('main[data-live="yes"]');
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector, root = document) => root.querySelector(selector);
  const isTyping = element => element && (/^(TEXTAREA|SELECT)$/.test(element.tagName) || (element.tagName === 'INPUT' && !/^(radio|checkbox)$/.test(element.type)));

  // --- Live: one tab listens for all, because a browser opens only a few connections to one server. ---

  let wanted = false, fetching = false;

  const showCount = pending => {
    const shown = pending < 1000 ? `${pending}` : '1000+';
    all('nav .count').forEach(count => { count.textContent = shown; count.hidden = pending === 0; });
    document.title = (pending > 0 ? `(${shown}) ` : '') + document.title.replace(/^\(\d+\+?\) /, '');
  };

  const changed = pending => {
    showCount(pending);
    wanted = true;
    if (document.visibilityState === 'visible') { refresh(); }
  };

  async function refresh() {
    if (fetching || !wanted) { return; }
    fetching = true;
    wanted = false;
    try {
      const reply = await fetch(location.href, { headers: { accept: 'text/html' } });
      const fresh = new DOMParser().parseFromString(await reply.text(), 'text/html');
      const next = one('main', fresh);
      if (reply.status === 401) { location.reload(); return; }
      if (next) {
        const before = keepWords();
        morph(main, next);
        restoreWords(before);
        document.title = fresh.title;
      }
    } catch { wanted = true; }
    // At most about one fetch a second, however busy the threads are.
    setTimeout(() => { fetching = false; if (document.visibilityState === 'visible') { refresh(); } }, 800);
  }

  // Changes only what differs, so that focus, scrolling, open details and what is being typed stay.
  function morph(from, to) {
    for (const name of new Set([...from.getAttributeNames(), ...to.getAttributeNames()])) {
      if (name === 'open' || name === 'value' || name === 'checked') { continue; }
      const value = to.getAttribute(name);
      if (value === null) { from.removeAttribute(name); } else if (from.getAttribute(name) !== value) { from.setAttribute(name, value); }
    }
    if (from.tagName === 'TEXTAREA') { return; }
    const next = [...to.childNodes];
    next.forEach((node, i) => {
      const old = from.childNodes[i];
      if (!old) { from.append(document.importNode(node, true)); }
      else if (old.nodeType !== node.nodeType || old.nodeName !== node.nodeName || keyOf(old) !== keyOf(node)) { old.replaceWith(document.importNode(node, true)); }
      else if (node.nodeType === Node.ELEMENT_NODE) { morph(old, node); }
      else if (old.data !== node.data) { old.data = node.data; }
    });
    while (from.childNodes.length > next.length) { from.lastChild.remove(); }
  }

  const keyOf = node => node.nodeType !== Node.ELEMENT_NODE ? '' : node.id || node.getAttribute('aria-label') || (node.querySelector?.(':scope > a.row')?.getAttribute('href') ?? '');

  const keepWords = () => all('main textarea').filter(box => box.value && box.value !== box.defaultValue).map(box => box.value);

  // Somebody else was quicker: what was being written is not thrown away.
  function restoreWords(words) {
    if (words.length === 0 || one('main textarea') || !one('main .outcome')) { return; }
    const note = document.createElement('div');
    note.className = 'notice kept';
    note.setAttribute('role', 'status');
    note.innerHTML = '<p><strong>Somebody else settled this while you were writing.</strong> Nothing was sent. You had written:</p><blockquote></blockquote>';
    one('blockquote', note).textContent = words.join('\n');
    // Outside of what is fetched anew, so that it stays.
    main.before(note);
  }

  if (main && window.EventSource) {
    const tabs = new BroadcastChannel('agentmcp-inbox');
    tabs.onmessage = message => changed(message.data);
    const listen = () => new Promise(() => {
      const stream = new EventSource('/live');
      stream.onmessage = message => { const pending = Number(message.data); changed(pending); tabs.postMessage(pending); };
      stream.onopen = () => setLive(true);
      stream.onerror = () => setLive(false);
    });
    navigator.locks ? navigator.locks.request('agentmcp-inbox', listen) : listen();
    setLive(true);
    document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'visible') { refresh(); } });
    // Ages grow without anything happening.
    setInterval(() => { wanted = true; if (document.visibilityState === 'visible') { refresh(); } }, 60_000);
  }

  function setLive(isLive) {
    const mark = one('.foot .live');
    if (mark) { mark.hidden = !isLive; }
  }

  // --- Keys ---

  const dialog = one('#shortcuts'), button = one('button.shortcuts'), keysOn = one('#keys-on');
  if (!dialog) { return; }
  button.hidden = false;
  button.addEventListener('click', () => dialog.showModal());
  keysOn.checked = localStorage.getItem('agentmcp-keys') !== 'off';
  keysOn.addEventListener('change', () => localStorage.setItem('agentmcp-keys', keysOn.checked ? 'on' : 'off'));

  const goTo = { p: '/', t: '/threads', a: '/agents' };
  let afterG = 0;

  const move = step => {
    const rows = all('[data-list] a.row, [data-list] a.jump');
    if (rows.length === 0) { return; }
    const at = rows.indexOf(document.activeElement);
    rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1)].focus();
  };

  const keys = {
    j: () => move(1),
    k: () => move(-1),
    a: () => one('[data-approve]')?.focus(),
    r: () => one('form.answer :is(input:not([type=hidden]), textarea, select)')?.focus(),
    n: () => (one('a[data-next]') ?? one('[data-list] a.row'))?.click(),
    '/': () => { const search = one('input[type=search]'); if (search) { search.focus(); } else { location.href = '/threads#search'; } },
    '?': () => dialog.showModal(),
    g: () => { afterG = Date.now(); },
  };

  document.addEventListener('keydown', event => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && event.target.form) {
      const way = event.target.matches('[data-feedback]') ? one('[data-reject]', event.target.form) : event.target.matches('[data-send]') ? one('button', event.target.form) : null;
      if (way) { event.preventDefault(); way.click(); }
      return;
    }
    if (event.key === 'Escape' && isTyping(event.target)) { event.target.blur(); return; }
    if (!keysOn.checked || event.ctrlKey || event.metaKey || event.altKey || dialog.open || isTyping(event.target)) { return; }
    if (Date.now() - afterG < 1500 && goTo[event.key]) { location.href = goTo[event.key]; return; }
    if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
  });

  if (location.hash === '#search') { one('input[type=search]')?.focus(); }
  // The same form is not sent twice by an impatient finger.
  document.addEventListener('submit', event => {
    if (event.target.dataset.sent) { event.preventDefault(); } else if (event.target.method === 'post') { event.target.dataset.sent = 'yes'; }
  });
  window.addEventListener('pageshow', () => all('form[data-sent]').forEach(form => delete form.dataset.sent));
})();
