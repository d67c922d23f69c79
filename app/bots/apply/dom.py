"""The scripts that run in the employer's page. They only read, but for a mark on each control to find it again by."""

# Right after a navigation a document stands there before its body does: null says that there's nothing to read yet.
READ_FORM = r"""
() => {
  if (!document.body) return null;
  const MARK = 'data-cabrank-field', BUTTON = 'data-cabrank-button';
  const text = (el) => el ? (el.innerText || el.textContent || '').trim() : '';
  const shown = (el) => {
    if (!el.isConnected || el.closest('[aria-hidden="true"]')) return false;
    if (el.checkVisibility && !el.checkVisibility({opacityProperty: true, visibilityProperty: true})) return false;
    const box = el.getBoundingClientRect();
    return box.width > 1 && box.height > 1;
  };
  const labels = (el) => Array.from(el.labels || []);
  const words = (el) => {
    const copy = el.cloneNode(true);
    copy.querySelectorAll('input,select,textarea,button,ul,option,svg').forEach((x) => x.remove());
    return (copy.textContent || '').trim();
  };
  const named = (el) => ((el && el.getAttribute('aria-labelledby')) || '').split(/\s+/)
    .map((id) => text(document.getElementById(id))).filter(Boolean).join(' ');
  const ownLabel = (el) => named(el) || named(el.closest('[role=checkbox],[role=radio]'))
    || labels(el).map(words).find(Boolean) || el.getAttribute('aria-label') || '';
  const fillable = 'input:not([type=hidden]):not([type=submit]):not([type=button]):not([type=image]):not([type=reset]),'
    + 'select,textarea';
  const within = (root) => Array.from(root.querySelectorAll(fillable)).filter((el) => !el.disabled);
  // Where something else is asked as well, the words may be about that.
  const shared = (at, el) => within(at).some((x) => x !== el && (!el.name || x.name !== el.name) && shown(x));
  const around = (el) => {
    let at = el.parentElement;
    for (let i = 0; at && i < 4 && !shared(at, el); i += 1, at = at.parentElement) {
      const found = at.querySelector('label,legend,.application-label,[class*="label"]');
      if (found && !found.contains(el) && text(found)) return text(found);
    }
    return el.getAttribute('placeholder') || el.name || el.id || '';
  };
  const groupLabel = (el) => {
    const group = el.closest('fieldset,[role="radiogroup"],[role="group"]');
    if (group) {
      const legend = group.querySelector('legend');
      if (legend && text(legend)) return text(legend);
      if (named(group)) return named(group);
      if (group.getAttribute('aria-label')) return group.getAttribute('aria-label');
    }
    const item = 'li,.application-question,.field,[class*="question"]';
    for (let at = el.closest(item); at && !shared(at, el); at = at.parentElement.closest(item)) {
      const head = Array.from(at.querySelectorAll('.application-label,.text,[class*="label"]'))
        .find((x) => text(x) && !x.closest('label'));
      if (head) return text(head);
    }
    return '';
  };
  const standing = (el, kind) => {
    if (kind === 'file') return Array.from(el.files || []).map((f) => `${f.name}|${f.size}`);
    if (kind === 'combobox' && !el.value) {
      const box = el.closest('[class*="control"],[class*="container"]') || el.parentElement;
      const chosen = box.querySelector('[class*="single-value"],[class*="singleValue"]');
      return chosen ? [chosen.textContent.trim()] : [];
    }
    return el.value ? [el.value] : [];
  };
  const target = (address) => {
    try { return new URL(address, document.baseURI).href; } catch { return ''; }
  };
  const required = (el) => el.required || el.getAttribute('aria-required') === 'true';
  const forms = Array.from(document.forms).map((form) => ({form, n: within(form).length}))
    .filter((f) => f.n > 0).sort((a, b) => b.n - a.n);
  const root = forms.length ? forms[0].form : document.body;
  document.querySelectorAll(`[${MARK}]`).forEach((el) => el.removeAttribute(MARK));
  document.querySelectorAll(`[${BUTTON}]`).forEach((el) => el.removeAttribute(BUTTON));

  const fields = [], groups = new Map();
  let next = 0;
  for (const el of within(root)) {
    const type = (el.getAttribute('type') || 'text').toLowerCase();
    const tag = el.tagName.toLowerCase();
    const choice = tag === 'input' && (type === 'radio' || type === 'checkbox');
    const visible = shown(el) || ((choice || type === 'file') &&
      (labels(el).some(shown) || (el.parentElement && shown(el.parentElement))));
    if (!visible) continue;
    if (choice) {
      const key = type + '|' + (el.name || el.id);
      const option = {value: el.value, label: ownLabel(el) || words(el.parentElement) || el.value};
      let group = groups.get(key);
      if (!group) {
        group = {index: next++, name: el.name || el.id, kind: type, options: [], current: [], required: false,
          label: '', first: el, invalid: false};
        groups.set(key, group);
        fields.push(group);
      }
      group.options.push(option);
      if (el.checked) group.current.push(el.value);
      group.required = group.required || required(el);
      const wrong = el.closest('[aria-invalid="true"]') || el.closest('fieldset[aria-describedby]');
      group.invalid = group.invalid || Boolean(wrong);
      el.setAttribute(MARK, String(group.index));
      continue;
    }
    const index = next++;
    el.setAttribute(MARK, String(index));
    const known = ['email', 'tel', 'url', 'number', 'date', 'file'];
    let kind = tag === 'select' ? 'select' : tag === 'textarea' ? 'textarea' : known.includes(type) ? type : 'text';
    if (kind === 'text' && !['text', 'search', ''].includes(type)) kind = type === 'password' ? 'text' : 'unknown';
    if (tag === 'input' && el.getAttribute('role') === 'combobox') kind = 'combobox';
    if (tag === 'select' && el.multiple) kind = 'unknown';
    fields.push({
      index, name: el.name || el.id, kind, label: ownLabel(el) || around(el), required: required(el),
      autocomplete: el.getAttribute('autocomplete') || '', accept: el.getAttribute('accept') || '',
      maxLength: el.maxLength,
      options: tag === 'select' ? Array.from(el.options).filter((o) => !o.disabled)
        .map((o) => ({value: o.value, label: o.text})) : [],
      current: standing(el, kind), invalid: el.getAttribute('aria-invalid') === 'true',
    });
  }
  for (const group of groups.values()) {
    const single = group.options.length === 1;
    group.kind = group.kind === 'radio' ? 'radio' : single ? 'checkbox' : 'checkboxes';
    group.label = (!single && groupLabel(group.first)) || ownLabel(group.first) || around(group.first);
    delete group.first;
  }

  const buttons = [];
  root.querySelectorAll('button,input[type=submit],input[type=image],[role=button]').forEach((el) => {
    const type = (el.getAttribute('type') || (el.tagName === 'BUTTON' ? 'submit' : '')).toLowerCase();
    const label = text(el) || el.value || el.getAttribute('aria-label') || '';
    const sends = type === 'submit' || type === 'image' || /\b(submit|send|apply|continue|next)\b/i.test(label);
    if (!sends || type === 'reset' || !shown(el)) return;
    if (/\b(with|via|using)\b.*\b(linkedin|indeed|google|facebook|seek|dropbox|drive)\b/i.test(label)) return;
    const index = buttons.length;
    el.setAttribute(BUTTON, String(index));
    buttons.push({index, label, enabled: !el.disabled && el.getAttribute('aria-disabled') !== 'true'});
  });

  const obstacles = [];
  const captcha = /recaptcha|hcaptcha|turnstile|arkoselabs|funcaptcha|captcha-delivery|geetest/i;
  const frames = Array.from(document.querySelectorAll('iframe'));
  if (frames.some((f) => captcha.test(f.src || f.title || '')) || document.querySelector(
    '.g-recaptcha,.h-captcha,.cf-turnstile,[name="g-recaptcha-response"],[name="h-captcha-response"],'
    + '[name="cf-turnstile-response"],#hcaptchaSubmitBtn') ||
    Array.from(document.scripts).some((s) => captcha.test(s.src || ''))) obstacles.push('captcha');
  if (Array.from(document.querySelectorAll('input[type=password]')).some(shown)) obstacles.push('login');
  if (!fields.length && frames.some((f) => shown(f) && f.getBoundingClientRect().height > 300)) obstacles.push('frame');

  let steps = null;
  const current = document.querySelector('[aria-current="step"],[data-automation-id="progressBarActiveStep"]');
  const list = current && current.closest('ol,ul,[role=list]');
  if (list) {
    const items = Array.from(list.children);
    const at = items.findIndex((item) => item === current || item.contains(current));
    if (items.length > 1 && at >= 0) steps = [at + 1, items.length];
  }
  if (!steps) {
    const said = /\b(?:step|page)\s+(\d{1,2})\s*(?:of|\/)\s*(\d{1,2})\b/i.exec(text(document.body).slice(0, 20000));
    if (said) steps = [Number(said[1]), Number(said[2])];
  }

  const links = fields.length > 1 ? [] : Array.from(document.querySelectorAll('a[href]'))
    .filter((a) => /^apply\b/i.test(text(a)) && shown(a) && /^https?:/.test(a.href)).map((a) => a.href).slice(0, 3);
  const problems = Array.from(document.querySelectorAll(
    '[role=alert],[aria-live=assertive],.field-error,.error-message,.help.wrong,[id$="-error"]'))
    .filter(shown).map(text).filter(Boolean).slice(0, 20);
  return {
    url: location.href, title: document.title, fields, buttons, obstacles, steps, problems, links,
    action: root.tagName === 'FORM' ? target(root.getAttribute('action') || location.href) : '',
    method: root.tagName === 'FORM' ? (root.getAttribute('method') || 'get') : '',
  };
}
"""

READ_PAGE = r"""
() => ({
  url: location.href, title: document.title, text: (document.body ? document.body.innerText : '').slice(0, 20000),
  number: (document.querySelector('#confirmation_number,[data-confirmation-number]') || {textContent: ''})
    .textContent.trim(),
  form: Array.from(document.forms)
    .some((f) => f.querySelectorAll('input:not([type=hidden]),select,textarea').length > 2),
})
"""
