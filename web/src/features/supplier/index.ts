export { Supplier as default } from "./Supplier";
