export { Button, Spinner } from "./Button";
export { Card, PageTitle } from "./Card";
export { type Fact, Facts } from "./Facts";
export { SelectField, TextArea, TextField } from "./Field";
export { FileDrop } from "./FileDrop";
export { Hash } from "./Hash";
export { Loading } from "./Loading";
export { ErrorNotice, Notice } from "./Notice";
export { type Tone, toneMark, toneSurface, toneText } from "./tone";
