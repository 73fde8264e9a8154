export { Verify as default } from "./Verify";
