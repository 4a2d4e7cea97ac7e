import { extendZodWithOpenApi } from "@asteasolutions/zod-to-openapi";
import { z } from "zod";

// Before the first schema is made: a schema takes part in the OpenAPI document by `.openapi()`.
extendZodWithOpenApi(z);

export { z };
