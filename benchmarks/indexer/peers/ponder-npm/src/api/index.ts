// `ponder start` asks for one; nobody calls it here.
import { Hono } from "hono";

export default new Hono();
