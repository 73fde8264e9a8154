import { expect, test } from "vitest";
import { levelsOf } from "./levels";

const pip = { href: "https://brand.example/a", title: "Page", type: "text/html", hreflang: ["en"] };
const german = { ...pip, href: "https://brand.example/de", hreflang: ["de"] };

test("levels keep their order, and every target has its type in short form", () => {
  const levels = levelsOf({
    linkset: [
      { anchor: "https://id.gs1.org/01/09506000134352/10/A", "https://ref.gs1.org/voc/pip": [pip, german], describedby: [pip] },
      { anchor: "https://id.gs1.org/01/09506000134352", "https://ref.gs1.org/voc/defaultLink": [pip] },
    ],
  });
  expect(levels).toEqual([
    {
      anchor: "https://id.gs1.org/01/09506000134352/10/A",
      links: [
        { linkType: "gs1:pip", target: pip },
        { linkType: "gs1:pip", target: german },
        { linkType: "describedby", target: pip },
      ],
    },
    { anchor: "https://id.gs1.org/01/09506000134352", links: [{ linkType: "gs1:defaultLink", target: pip }] },
  ]);
});

test("an empty linkset has no levels", () => expect(levelsOf({ linkset: [] })).toEqual([]));
