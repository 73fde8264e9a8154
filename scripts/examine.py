"""The end of the demo: doubt everything, first with the servers running, then without them."""

import json
from typing import Any, Final
from urllib.parse import urlsplit

from core.config import Settings
from core.types import ProductUri
from scripts import story
from scripts.capture import ApiClient
from scripts.supervisor import Supervisor
from scripts.transport import Say, until
from scripts.verify import bundle_verdict

BUNDLE: Final = "salad-proof.json"
_FACTS: Final = """
query ($uri: String!) {
  meta { block finalized reorgEpoch }
  product(uri: $uri) { seq head state recallLevel custodian { name } }
}"""


def path_of(product: ProductUri) -> str:
    """The Digital Link path under our own address."""
    return urlsplit(product).path


async def running(settings: Settings, say: Say) -> dict[str, Any]:
    """Verify the mirror and the salad lot's bundle with everything up; collect the addresses."""
    from indexer.verify import verify

    url = f"http://{settings.api.host}:{settings.api.port}"
    path = path_of(story.SALAD_LOT)
    async with ApiClient(url, patience_s=30) as api:
        facts = await until("finality of the salad lot", lambda: _final(api))
        bundle = await api.request("GET", f"/proof{path}")
    say("verifying the whole chain against the mirror")
    report = await verify(settings)
    (settings.state_dir / BUNDLE).write_text(json.dumps(bundle))
    public, product = settings.public_url, facts["product"]
    return {
        "ok": report.exit_code == 0,
        "mirror": report.to_json(),
        "facts": {
            "salad lot": f"{product['seq']} entries, head {product['head'][:18]}…",
            "held by": product["custodian"]["name"],
            "chain": f"block {facts['meta']['block']}, final {facts['meta']['finalized']}, "
            f"reorgs {facts['meta']['reorgEpoch']}",
            "verify (every row)": "good" if report.exit_code == 0 else "BAD",
        },
        "urls": {
            "passport": public + path,
            "recalled lot": public + path_of(story.SECOND_LOT),
            "supplier": f"{public}/app/supplier",
            "verify": f"{public}/app/verify",
            "GraphQL": f"{public}/graphql",
            "OpenAPI": f"{public}/docs",
            "QR code": f"{public}{path}/qr.svg",
            "proof bundle": f"{public}/proof{path}",
        },
    }


async def _final(api: ApiClient) -> dict[str, Any] | None:
    data: dict[str, Any] = await api.graphql(_FACTS, uri=story.SALAD_LOT)
    product = data["product"]
    return data if product and product["state"] == "FINAL" else None


async def without_servers(settings: Settings, stack: Supervisor, say: Say) -> dict[str, Any]:
    """Switch off all that is ours and check the salad lot's bundle with the chain alone."""
    for name in [name for name in reversed(list(stack.running)) if name != "chain"]:
        await stack.stop(name)
    say("every SmartRetail360 server is off; checking the proof bundle against the chain alone")
    verdict = await bundle_verdict(settings, settings.state_dir / BUNDLE, settings.chain.rpc_url)
    said = json.loads((settings.state_dir / "demo.json").read_text())
    ok = bool(said["ok"]) and verdict.exit_code == 0
    facts = said["facts"] | {
        "verify (servers off)": f"{'good' if verdict.exit_code == 0 else 'BAD'}: "
        f"{len(verdict.findings)} findings"
    }
    return {"ok": ok, "bundle": verdict.to_json(), "facts": facts}
