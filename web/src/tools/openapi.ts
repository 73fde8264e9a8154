import SwaggerUIBundle from "swagger-ui-dist/swagger-ui-es-bundle.js";
import "swagger-ui-dist/swagger-ui.css";

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#openapi",
  deepLinking: true,
  // The default sends the document's address to a validator on another host.
  validatorUrl: null,
});
