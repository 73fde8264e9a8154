// What squid-typeorm-codegen makes of a schema with one entity, in plain JavaScript.
const { Column, Entity, PrimaryColumn } = require("typeorm");

class Entry {
  constructor(values) {
    Object.assign(this, values);
  }
}

Entity("entry")(Entry);
PrimaryColumn("text")(Entry.prototype, "id");
for (const [name, type, nullable] of [
  ["block", "int4", false],
  ["logIndex", "int4", false],
  ["txHash", "text", false],
  ["name", "text", false],
  ["productId", "text", false],
  ["actor", "text", false],
  ["dataHash", "text", true],
]) {
  Column(type, { nullable })(Entry.prototype, name);
}

module.exports = { Entry };
