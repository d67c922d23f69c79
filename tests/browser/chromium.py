"""How the browser of the tests is started: as Playwright would, without what nobody sees."""

from __future__ import annotations

from app.platform.chromium import UNSEEN

# Chromium takes the last list alone, so Playwright's own stands in ours; test_started.py tells when it has changed.
PLAYWRIGHTS = (
    "AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,"
    "LensOverlay,MediaRouter,PaintHolding,ThirdPartyStoragePartitioning,AvoidCorsURLLoaderRestartOnRedirect,"
    "TcpPortRandomizationWin,OptimizationHints,NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch,"
    "msForceBrowserSignIn,msEdgeUpdateLaunchServicesPreferredVersion"
)
ARGS = ["--disable-background-networking", f"--disable-features={PLAYWRIGHTS},{UNSEEN}"]
