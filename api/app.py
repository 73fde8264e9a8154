"""The ASGI application: routes, GraphQL, and what surrounds every request."""

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route

from api import errors
from api.capture import job_routes, mapping_routes, quarantine_routes
from api.capture import routes as capture
from api.deps import Services
from api.epcis import routes as epcis
from api.graphql.mount import GraphQLApp
from api.head import HeadAsGet
from api.passport import routes as passport
from api.routes import assets, exports, fsma, health, ipfs, recall, resolver, tools
from api.security import BodyLimit, SecurityHeaders
from api.subscriptions import routes as subscriptions
from api.subscriptions import websocket

_ABOUT = """
Anyone can verify a product's history without trusting this server: every answer about a product
links to a proof bundle that a small program checks against any RPC endpoint.
"""


def create_app(services: Services) -> FastAPI:
    """The API over the given services; starting and stopping them is the caller's business."""
    app = FastAPI(
        title="SmartRetail360",
        version="1",
        description=_ABOUT,
        docs_url=None,  # FastAPI's page loads from another host; ours is api.routes.tools
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.services = services
    errors.install(app)
    capturing = (capture, job_routes, quarantine_routes, mapping_routes)
    epcis_rest = (*capturing, subscriptions, websocket, epcis)
    pages = (ipfs, fsma, recall, resolver, exports, passport)
    for module in (health, *epcis_rest, *pages):
        app.include_router(module.router)
    graphql = GraphQLApp(services)
    app.router.routes.append(Route("/graphql", graphql, name="graphql"))
    app.router.routes.append(Route("/", _home, include_in_schema=False))
    app.router.routes.append(Route("/docs", _docs, include_in_schema=False))
    dist = services.settings.web_dist
    app.router.routes.append(Mount("/assets", assets.folder(dist, "assets")))
    app.router.routes.append(Mount("/tools", assets.tools(dist)))
    app.router.routes.append(Mount("/app", assets.single_page_app(dist)))
    limits = services.settings.api
    app.add_middleware(BodyLimit, limit=limits.max_body_bytes, captured=limits.max_capture_bytes)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],  # no cookies here: a signature, not an origin, is what authorises
        allow_methods=["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE"],
        allow_headers=[
            *("content-type", "idempotency-key", "x-actor"),
            *("sr360-choreography", "sr360-profile", "sr360-quarantine", "sr360-quarantine-key"),
        ],
        expose_headers=[
            *("etag", "link", "location", "gs1-next-page-token-expires", "x-sr360-meta"),
            "sr360-quarantine-key",
        ],
        max_age=600,
    )
    app.add_middleware(SecurityHeaders)
    app.add_middleware(HeadAsGet)
    return app


async def _home(request: Request) -> Response:
    """People go to the app; a program that asks for JSON learns where EPCIS begins."""
    accepted = request.headers.get("accept", "")
    if "json" in accepted and "html" not in accepted:
        return epcis.top_level()
    return RedirectResponse("/app/")


async def _docs(request: Request) -> Response:
    services: Services = request.app.state.services
    return tools.openapi(services.settings.web_dist)
