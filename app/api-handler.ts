import { createRemixRequest, sendRemixResponse } from "@remix-run/express/dist/server.js";
import type { AppLoadContext, ServerBuild } from "@remix-run/node";
import type { RequestHandler } from "express";

const apiRoute = "routes/api.v1.$";
type Asked = { request: Request; context: Pick<AppLoadContext, "unsentBytes"> };
type Answer = (asked: Asked) => Promise<Response>;

/**
 * The calls of the API, handed to their route's module without asking which of the pages' hundred routes they are for: finding that
 * out takes longer than most calls do.
 */
export const apiHandler =
  (loadBuild: () => Promise<ServerBuild>): RequestHandler =>
  async (request, response, next) => {
    try {
      const { routes } = await loadBuild();
      const { loader } = routes[apiRoute]!.module as unknown as { loader: Answer };
      const context = { unsentBytes: () => response.writableLength };
      await sendRemixResponse(response, await loader({ request: createRemixRequest(request, response), context }));
    } catch (error) {
      next(error);
    }
  };
