// SPDX-License-Identifier: GPL-2.0-only
/* Requests through the device tree, and by way of a DMA request router. */
#include <linux/device.h>
#include <linux/of_dma.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "dmaconf.h"
#include "mock.h"
#include "private.h"
#include "tree.h"

#define ARGS	8	/* of a reference that are ours */

/*
 * A router of the rule's own, in front of any provider: it sends each request
 * there with the arguments that the rule wants.
 */
struct route {
	struct dma_router router;
	struct device_node *np;
	struct device_node *client_np;
	struct device *client;
	struct device_node *target;
	u32 args[ARGS];
	int nargs;
	int refuse;
	int allocated;
	int freed;
};

static void *route_allocate(struct of_phandle_args *spec, struct of_dma *ofdma)
{
	struct route *route = container_of(ofdma->dma_router, struct route, router);

	if (route->refuse)
		return ERR_PTR(route->refuse);
	route->allocated++;
	spec->np = of_node_get(route->target);
	spec->args_count = route->nargs;
	/* What is behind them is what a provider hopes for that does not count. */
	memcpy(spec->args, route->args, sizeof(route->args));
	return route;
}

static void route_free(struct device *dev, void *data)
{
	struct route *route = data;

	route->freed++;
}

static void route_remove(void *param)
{
	struct route *route = param;

	of_dma_controller_free(route->np);
	route->client->of_node = NULL;
	root_device_unregister(route->client);
	root_device_unregister(route->router.dev);
}

static struct route *route_new(struct dmaconf *dc, struct dmaconf_tree *tree)
{
	struct route *route = kunit_kzalloc(dc->test, sizeof(*route), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(dc->test, route);
	route->router.route_free = route_free;
	route->np = dmaconf_tree_target(tree, "dmaconf-router", 0);
	KUNIT_ASSERT_NOT_NULL(dc->test, route->np);
	route->client_np = dmaconf_tree_client(tree, "dmaconf-routed", route->np, "rx", NULL, 0);
	KUNIT_ASSERT_NOT_NULL(dc->test, route->client_np);
	return route;
}

/* From now on requests of the client come to the router. */
static void route_open(struct dmaconf *dc, struct route *route)
{
	route->router.dev = root_device_register("dmaconf-router");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(dc->test, route->router.dev);
	route->client = root_device_register("dmaconf-routed");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(dc->test, route->client);
	route->client->of_node = route->client_np;
	KUNIT_ASSERT_EQ(dc->test, of_dma_router_register(route->np, route_allocate,
							 &route->router), 0);
	KUNIT_ASSERT_EQ(dc->test, kunit_add_action_or_reset(dc->test, route_remove, route), 0);
}

/* A request that must fail in a given way, or in any way when @err is 0. */
static void expect_no_channel(struct dmaconf *dc, struct route *route, int err, const char *why)
{
	struct dma_chan *chan = dma_request_chan(route->client, "rx");

	KUNIT_EXPECT_TRUE_MSG(dc->test, IS_ERR(chan), "a channel, although %s", why);
	if (!IS_ERR(chan))
		dma_release_channel(chan);
	else if (err)
		KUNIT_EXPECT_EQ_MSG(dc->test, PTR_ERR(chan), err, "%s", why);
	KUNIT_EXPECT_EQ_MSG(dc->test, route->freed, route->allocated, "routes freed when %s", why);
}

static void expect_routed(struct dmaconf *dc, struct route *route, struct dma_chan *chan)
{
	int freed = route->freed;

	KUNIT_EXPECT_PTR_EQ(dc->test, chan->router, &route->router);
	KUNIT_EXPECT_PTR_EQ(dc->test, chan->route_data, (void *)route);
	KUNIT_EXPECT_EQ_MSG(dc->test, route->freed, freed, "routes freed while it is held");
	dma_release_channel(chan);
	KUNIT_EXPECT_EQ_MSG(dc->test, route->freed, freed + 1, "routes freed by the release");
	KUNIT_EXPECT_NULL(dc->test, chan->router);
}

static struct dma_chan *mock_xlate(struct of_phandle_args *spec, struct of_dma *ofdma)
{
	struct dmaconf_mock *mock = ofdma->of_dma_data;

	if (spec->args_count != 1 || spec->args[0] >= DMACONF_MOCK_CHANS)
		return NULL;
	return dma_get_slave_channel(&mock->chans[spec->args[0]]);
}

/* What the core makes of a request by way of a router, and of each failure. */
static void expect_core_routes(struct dmaconf *dc, struct route *route, struct device_node *np)
{
	struct dmaconf_mock *mock = dmaconf_mock(dc->test, "dmaconf-mock");
	struct dma_chan *chan;

	KUNIT_ASSERT_EQ(dc->test, dmaconf_mock_register(mock), 0);
	route->target = np;
	route->nargs = 1;
	expect_no_channel(dc, route, -EPROBE_DEFER, "its provider is not there yet");
	KUNIT_ASSERT_EQ(dc->test, of_dma_controller_register(np, mock_xlate, mock), 0);

	chan = dma_request_chan(route->client, "rx");
	KUNIT_EXPECT_PTR_EQ(dc->test, chan, &mock->chans[0]);
	KUNIT_EXPECT_EQ_MSG(dc->test, mock->configs, 1, "calls of device_router_config");
	if (!IS_ERR(chan))
		expect_routed(dc, route, chan);
	mock->config_ret = -EIO;
	expect_no_channel(dc, route, -EIO, "device_router_config failed");
	mock->config_ret = 0;
	route->nargs = 2;
	expect_no_channel(dc, route, -ENODEV, "the provider does not take so many arguments");
	route->refuse = -EINVAL;
	expect_no_channel(dc, route, -ENODEV, "the router refused");
	route->refuse = 0;

	KUNIT_EXPECT_EQ_MSG(dc->test, mock->allocs, mock->frees, "channels left allocated");
	of_dma_controller_free(np);
	dmaconf_mock_unregister(mock);
}

static bool args_of_client(struct route *route, struct device_node *np,
			   struct of_phandle_args *spec)
{
	for (int i = 0; !of_parse_phandle_with_args(np, "dmas", "#dma-cells", i, spec); i++) {
		of_node_put(spec->np);
		if (spec->np == route->target && spec->args_count <= ARGS)
			return true;
	}
	return false;
}

/* The arguments that a client in the tree has for the provider, zeros if there is none. */
static void find_args(struct route *route)
{
	struct of_phandle_args spec;
	struct device_node *np;

	memset(route->args, 0, sizeof(route->args));
	for_each_node_with_property(np, "dmas") {
		if (!args_of_client(route, np, &spec))
			continue;
		memcpy(route->args, spec.args, spec.args_count * sizeof(*spec.args));
		of_node_put(np);
		return;
	}
}

/* The provider under test as the target: what its translation makes of the arguments. */
static void expect_provider_translates(struct dmaconf *dc, struct route *route, u32 cells)
{
	struct dma_chan *chan;

	find_args(route);
	/* More may be there: bindings have optional arguments. What is missing must be missed. */
	for (route->nargs = 0; route->nargs < cells; route->nargs++) {
		dmaconf_diag(dc, "%d arguments for #dma-cells = <%u>", route->nargs, cells);
		expect_no_channel(dc, route, 0, "the number of its arguments is wrong");
	}
	route->nargs = cells;
	for (int i = 0; i < 2; i++) {
		chan = dma_request_chan(route->client, "rx");
		if (IS_ERR(chan)) {
			dmaconf_diag(dc, "no channel for %u arguments: %pe", cells, chan);
			KUNIT_EXPECT_EQ(dc->test, route->freed, route->allocated);
			continue;
		}
		KUNIT_EXPECT_PTR_EQ_MSG(dc->test, dev_of_node(chan->device->dev), route->target,
					"the provider of the channel");
		expect_routed(dc, route, chan);
	}
	KUNIT_EXPECT_FALSE_MSG(dc->test, dmaconf_anybody_holds(dc->device),
			       "a channel is held after all were released");
}

static void tree_remove(void *tree)
{
	dmaconf_tree_free(tree);
}

/*
 * Broken: a peripheral is given the channel or the request line of another, and its
 * data goes astray.
 */
DMACONF_RULE(router, route, MUST,
	     "A request by way of a router is translated twice, configured once, and its route freed once; a provider refuses one with too few arguments.",
	     "drivers/dma/of-dma.c:55; drivers/dma/of-dma.c:320; drivers/dma/dmaengine.c:513; include/linux/dmaengine.h:309",
	     NEEDS_FREE)
{
	struct dmaconf_tree *tree = dmaconf_tree_new();
	struct device_node *np;
	struct route *route;
	u32 cells;

	if (!tree)
		dmaconf_not_tested(test, "kernel without a device tree that can be changed");
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, tree_remove, tree), 0);
	np = dmaconf_tree_target(tree, "dmaconf-mock", 1);
	KUNIT_ASSERT_NOT_NULL(test, np);
	route = route_new(dc, tree);
	KUNIT_ASSERT_EQ(test, dmaconf_tree_apply(tree), 0);
	route_open(dc, route);
	expect_core_routes(dc, route, np);

	route->target = dev_of_node(dc->device->dev);
	if (route->target && !of_property_read_u32(route->target, "#dma-cells", &cells) &&
	    cells <= ARGS && !dmaconf_anybody_holds(dc->device))
		expect_provider_translates(dc, route, cells);
}

static struct kunit_case router_rules[] = {
	DMACONF_CASE(router, route),
	{}
};

DMACONF_SUITE(router);

kunit_test_suites(&router_suite);
